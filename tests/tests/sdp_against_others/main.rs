//! Our reader of session descriptions beside three others, on one corpus: what browsers and others wrote, what we write, and mutations of
//! all of it. The same verdict and the same values, or a difference that is listed and argued.
//!
//! | file | what lives there |
//! |---|---|
//! | `corpus` | the texts |
//! | `reading` | four readers, and the form in which they are compared |
//! | `differences` | where they may differ, and why ours does as it does |

mod corpus;
mod differences;
mod reading;

use std::collections::BTreeSet;

use differences::{LISTED, Refuses};
use reading::{Other, ours, theirs};

const OTHERS: [Other; 3] = [Other::WebrtcSdp, Other::SdpTypes, Other::RtcSdp];

/// What they differ in: who refuses, and why; `None` if they agree.
fn difference(text: &str, other: Other) -> Option<(Refuses, String)> {
    match (ours(text, other), theirs(text, other)) {
        (Err(_), Err(_)) => None,
        (Ok(ours), Ok(theirs)) if ours == theirs => None,
        (Err(problem), Ok(_)) => Some((Refuses::Ours, problem)),
        (Ok(_), Err(problem)) => Some((Refuses::Theirs, problem)),
        (Ok(ours), Ok(theirs)) => {
            let packed = |facts: &[String]| facts.iter().map(|fact| words(fact)).collect::<Vec<String>>();
            let what = if packed(&ours) == packed(&theirs) { "white space" } else { "values" };
            Some((Refuses::Nobody, what.to_owned()))
        }
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_others_wrote_and_what_we_write_is_read_alike() {
    for (name, text) in corpus::texts() {
        for other in OTHERS {
            let differs = difference(&text, other);
            // A reader of WebRTC alone, to which the time zones of that text are strange.
            let strange = other == Other::WebrtcSdp && name == "forms-old";
            assert_eq!(differs.is_some(), strange, "{name}, {other:?}: {differs:?}");
        }
    }
}

#[test]
fn mutations_are_read_alike_but_for_what_is_listed() {
    let mut unlisted = BTreeSet::new();
    let mut used = vec![0_usize; LISTED.len()];
    for (name, before, text) in corpus::mutations() {
        for other in OTHERS {
            let Some((refuses, what)) = difference(&text, other) else { continue };
            let fits = |listed: &&differences::Listed| {
                listed.other == other && listed.refuses == refuses && what.contains(listed.what)
            };
            match LISTED.iter().position(|listed| fits(&listed)) {
                Some(index) => used[index] += 1,
                None => {
                    let line = text.lines().zip(before.lines()).find(|(now, before)| now != before);
                    unlisted.insert(format!("{other:?} {refuses:?} {what}: {name}: {line:?}"));
                }
            }
        }
    }
    let unlisted: Vec<String> = unlisted.into_iter().collect();
    assert!(unlisted.is_empty(), "not listed:\n{}", unlisted.join("\n"));
    let over = LISTED.iter().zip(used).filter(|(_, used)| *used == 0).map(|(listed, _)| listed);
    let over: Vec<_> = over.collect();
    assert!(over.is_empty(), "listed, and differs no more; the list may only shrink: {over:?}");
}
