//! Every attribute that others write is explained.

use rtclab_rtc::sdp::{Sdp, registry};

use super::CORPUS;

#[test]
fn the_registry_explains_every_attribute_of_the_corpus() {
    for (name, text) in CORPUS {
        let sdp = Sdp::parse(text).expect("a description");
        for attribute in sdp.lines().iter().filter_map(|line| line.attribute()) {
            let known = registry::about(attribute.name()).is_some();
            assert!(known || attribute.name().starts_with("x-"), "{name}: {attribute}");
        }
    }
}
