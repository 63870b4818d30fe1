//! The word that was probably meant. Not here: where the words come from.

/// Words that people use for others; they are suggested, not accepted, so that a document has one word for one thing.
const SYNONYMS: [(&str, &str); 26] = [
    ("cone", "full-cone"),
    ("restricted", "address-restricted"),
    ("restricted-cone", "address-restricted"),
    ("address-restricted-cone", "address-restricted"),
    ("port-restricted-cone", "port-restricted"),
    ("edm", "address-and-port-dependent"),
    ("eim", "endpoint-independent"),
    ("adm", "address-dependent"),
    ("apdm", "address-and-port-dependent"),
    ("eif", "endpoint-independent"),
    ("adf", "address-dependent"),
    ("apdf", "address-and-port-dependent"),
    ("relay", "relayed"),
    ("relayed", "relay"),
    ("4g", "lte"),
    ("home", "stateful"),
    ("udp-blocked", "block-udp"),
    ("nr", "5g"),
    ("adsl", "dsl"),
    ("docsis", "cable"),
    ("starlink", "satellite-leo"),
    ("geo", "satellite"),
    ("bandwidth_mbps", "rate_mbps"),
    ("buffer_bytes", "queue_bytes"),
    ("download_mbps", "rate_mbps"),
    ("delay_ms", "latency_ms"),
];

/// The candidate that is closest to `word`, if one is close enough to be what was meant.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let plain = plain(word);
    let limit = (plain.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if SYNONYMS.contains(&(plain.replace('_', "-").as_str(), candidate))
            || SYNONYMS.contains(&(word, candidate))
        {
            return Some(candidate.to_string());
        }
        let candidate_plain = self::plain(candidate);
        // A word whose length alone is too far away needs no table of distances.
        if candidate_plain.len().abs_diff(plain.len()) > limit * 4 {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&plain, &candidate_plain);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.to_string())
}

/// Without what people mix up most: case, and hyphen or underscore. Only the beginning of a very long word counts.
fn plain(word: &str) -> String {
    word.chars().take(100).map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// `one of `a`, `b`, `c``, or `` `a` `` alone.
pub(super) fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<String> {
    const SHOWN_MAX: usize = 24;
    let words: Vec<&str> = words.into_iter().collect();
    let shown: Vec<String> = words.iter().take(SHOWN_MAX).map(|word| format!("`{word}`")).collect();
    match (words.len(), words.len().saturating_sub(SHOWN_MAX)) {
        (0, _) => None,
        (1, _) => shown.first().cloned(),
        (_, 0) => Some(format!("one of {}", shown.join(", "))),
        (_, hidden) => Some(format!("one of {} and {hidden} more", shown.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_fingers_is_near_and_another_word_is_not() {
        let words = ["network", "address", "router"];
        assert_eq!(nearest("netwrok", words).as_deref(), Some("network"));
        assert_eq!(nearest("Network", words).as_deref(), Some("network"));
        assert_eq!(nearest("nat", words), None);
        assert_eq!(nearest("", words), None);
    }

    #[test]
    fn what_people_call_it_leads_to_the_word() {
        assert_eq!(
            nearest("restricted-cone", ["none", "address-restricted"]).as_deref(),
            Some("address-restricted")
        );
        assert_eq!(nearest("EIM", ["endpoint-independent"]).as_deref(), Some("endpoint-independent"));
    }
}
