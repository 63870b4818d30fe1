//! Sessions as RFC 9429 (JSEP) negotiates them: a [`PeerConnection`] with the shape of the W3C API, without packets. What its transports
//! have to do comes out as [`TransportCommand`]s; what happens to them goes in through `handle_*`.
//!
//! The table of sections, done or not, with the test that shows each, stands in `sim/rtc/README.md`.

mod answer;
mod apply_answer;
mod candidates;
mod chain;
mod codec;
mod commands;
mod configuration;
mod connection;
mod continuity;
mod data_channel;
mod description;
mod drafts;
mod error;
mod extensions;
mod facts;
pub mod fuzz;
mod local;
mod negotiation_needed;
mod offer;
mod output;
mod payload_types;
mod perfect;
mod pool;
mod profile;
mod remote;
mod rollback;
mod section_text;
mod session;
mod session_text;
mod shown;
mod state;
mod transceiver;
mod transports;
mod types;

pub use chain::Operation;
pub use codec::{Codec, PayloadCodec};
pub use commands::TransceiverInit;
pub use configuration::Configuration;
pub use connection::PeerConnection;
pub use data_channel::{DataChannel, DataChannelInit};
pub use description::SessionDescription;
pub use error::JsepError;
pub use offer::OfferOptions;
pub use output::{Change, DescriptionSlot, IceCandidate, Output, TransportCommand};
pub use perfect::{Heard, Message, PerfectNegotiation};
pub use profile::{Missing, MsidSemanticHabit, NominationHabit, Profile};
pub use state::{combined_connection, combined_gathering, combined_ice};
pub use transceiver::{Creation, Encoding, MediaParameters, Negotiated, Sender, Transceiver};
pub use types::{
    BundlePolicy, ConnectionState, DataChannelId, DtlsRole, DtlsTransportState, IceCredentials,
    IceGatheringState, IceTransportPolicy, IceTransportState, MediaKind, OperationId, RtcpMuxPolicy,
    SctpTransportState, SdpType, SignalingState, TransceiverId, TransportId,
};
