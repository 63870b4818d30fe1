//! Data channels: their medium, their association, their streams.

use rtclab_rtc::Reason;
use rtclab_rtc::jsep::{Change, DataChannelInit, JsepError, SctpTransportState, TransportCommand};

use super::duo::{
    answer, changes, commands, drain, duo, edited, exchange, needs_negotiation, offer, refusal, sdp,
};

#[test]
fn the_first_channel_needs_negotiation_and_the_second_does_not() {
    let (mut alice, mut bob) = duo();
    alice.create_data_channel("one", DataChannelInit::default()).expect("a channel");
    assert_eq!(needs_negotiation(&mut alice), Some(Reason::NeedData));
    exchange(&mut alice, &mut bob);
    drain(&mut alice);
    alice.create_data_channel("two", DataChannelInit::default()).expect("a channel");
    assert_eq!(needs_negotiation(&mut alice), None);
}

#[test]
fn a_channel_that_is_created_after_the_offer_is_in_none_of_its_media() {
    let mut alice = super::duo::peer(1);
    let created = alice.create_offer(Default::default()).expect("an offer");
    alice.create_data_channel("late", DataChannelInit::default()).expect("a channel");
    alice.set_local_description(Some(created.clone())).expect("the old offer");
    assert_eq!(sdp(&created).media_count(), 0);
}

#[test]
fn the_association_begins_with_the_ports_and_sizes_of_both_sides() {
    let (mut alice, mut bob) = duo();
    alice.create_data_channel("chat", DataChannelInit::default()).expect("a channel");
    let offered = edited(&offer(&mut alice), "sctp-port:5000", "sctp-port:5001");
    let offered = edited(&offered, "a=max-message-size:65536", "a=max-message-size:0");
    let answered = answer(&mut bob, offered);
    let outputs = drain(&mut bob);
    let started = commands(&outputs).into_iter().find_map(|(_, command, reason)| match command {
        TransportCommand::StartSctp { local_port, remote_port, max_message_size } => {
            Some((*local_port, *remote_port, *max_message_size, reason))
        }
        _ => None,
    });
    assert_eq!(started, Some((5000, 5001, None, Reason::JsepSctp)), "0 is any size");
    assert_eq!(bob.sctp_state(), Some(SctpTransportState::Connecting));
    let silent = edited(&answered, "a=max-message-size:65536\r\n", "");
    alice.set_remote_description(silent).expect("an answer");
    let outputs = drain(&mut alice);
    assert!(commands(&outputs).iter().any(|(_, command, _)| matches!(
        command,
        TransportCommand::StartSctp { max_message_size: Some(65_536), .. }
    )));
    alice.handle_sctp_state(SctpTransportState::Connected);
    assert_eq!(alice.sctp_state(), Some(SctpTransportState::Connected));
}

#[test]
fn the_dtls_client_has_the_even_streams() {
    let (mut alice, mut bob) = duo();
    let ours = alice.create_data_channel("a", DataChannelInit::default()).expect("a channel");
    let theirs = bob.create_data_channel("b", DataChannelInit::default()).expect("a channel");
    exchange(&mut alice, &mut bob);
    // Bob answered, so he is the client.
    assert_eq!(bob.data_channel(theirs).and_then(|channel| channel.stream), Some(0));
    assert_eq!(alice.data_channel(ours).and_then(|channel| channel.stream), Some(1));
    let outputs = drain(&mut alice);
    assert!(
        changes(&outputs)
            .iter()
            .any(|(change, _)| matches!(change, Change::DataChannelStream { stream: 1, .. }))
    );
    alice.handle_remote_data_channel(3).expect("a stream of the peer, by mistake");
    let next = alice.create_data_channel("c", DataChannelInit::default()).expect("a channel");
    assert_eq!(alice.data_channel(next).and_then(|channel| channel.stream), Some(5));
    assert!(alice.handle_remote_data_channel(1).is_err(), "that one is ours");
    alice.handle_data_channel_closed(ours);
    let again = alice.create_data_channel("d", DataChannelInit::default()).expect("a channel");
    assert_eq!(
        alice.data_channel(again).and_then(|channel| channel.stream),
        Some(1),
        "streams are used again"
    );
}

#[test]
fn channels_are_limited_by_time_or_by_number_and_have_streams_that_exist() {
    let (mut alice, _) = duo();
    let both =
        DataChannelInit { max_packet_life_time_ms: Some(1), max_retransmits: Some(1), ..Default::default() };
    assert!(matches!(alice.create_data_channel("x", both), Err(JsepError::Argument(_))));
    let agreed = |stream| DataChannelInit { negotiated: Some(stream), ..Default::default() };
    assert!(matches!(alice.create_data_channel("x", agreed(65_535)), Err(JsepError::Argument(_))));
    alice.create_data_channel("x", agreed(7)).expect("a stream that both know");
    assert!(matches!(alice.create_data_channel("y", agreed(7)), Err(JsepError::Operation(_))));
}

#[test]
fn data_media_of_old_drafts_are_answered_in_their_form() {
    let (mut alice, mut bob) = duo();
    alice.create_data_channel("chat", DataChannelInit::default()).expect("a channel");
    let old = edited(&offer(&mut alice), "UDP/DTLS/SCTP webrtc-datachannel", "DTLS/SCTP 5000");
    let old = edited(&old, "a=sctp-port:5000", "a=sctpmap:5000 webrtc-datachannel 1024");
    let answered = answer(&mut bob, old);
    assert!(answered.sdp.contains("m=application 9 DTLS/SCTP 5000\r\n"));
    assert!(answered.sdp.contains("a=sctpmap:5000 webrtc-datachannel 1024\r\n"));
}

#[test]
fn a_data_medium_without_port_is_refused() {
    let (mut alice, mut bob) = duo();
    alice.create_data_channel("chat", DataChannelInit::default()).expect("a channel");
    let offered = edited(&offer(&mut alice), "a=sctp-port:5000\r\n", "");
    assert_eq!(refusal(&mut bob, offered), Some(Reason::SdpMissingSctpPort));
}
