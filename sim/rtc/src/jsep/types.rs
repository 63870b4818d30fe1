//! The words of the W3C API: states, kinds, policies, numbers of things. Not here: what moves them.

use std::fmt;

/// Makes an enum whose variants have the words of the W3C API.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// Its word in the API.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// Where the exchange of offer and answer stands (RFC 9429 §3.2).
    SignalingState {
        /// No exchange is under way.
        Stable = "stable",
        /// Our offer waits for its answer.
        HaveLocalOffer = "have-local-offer",
        /// The peer's offer waits for our answer.
        HaveRemoteOffer = "have-remote-offer",
        /// We have answered provisionally.
        HaveLocalPranswer = "have-local-pranswer",
        /// The peer has answered provisionally.
        HaveRemotePranswer = "have-remote-pranswer",
        /// It is over.
        Closed = "closed",
    }
}

words! {
    /// What a description is for.
    SdpType {
        /// It proposes.
        Offer = "offer",
        /// It answers for the time being (RFC 9429 §4.1.10.1).
        Pranswer = "pranswer",
        /// It answers and ends the exchange.
        Answer = "answer",
        /// It has no text, and takes the exchange back (RFC 9429 §4.1.10.2).
        Rollback = "rollback",
    }
}

words! {
    /// A kind of track.
    MediaKind {
        /// Sound.
        Audio = "audio",
        /// Pictures.
        Video = "video",
    }
}

words! {
    /// Whether candidates are being gathered, of one transport or of all.
    IceGatheringState {
        /// Not yet.
        New = "new",
        /// They are.
        Gathering = "gathering",
        /// No more will come.
        Complete = "complete",
    }
}

words! {
    /// How ICE fares, on one transport or on all.
    IceTransportState {
        /// It waits for candidates of the peer.
        New = "new",
        /// Pairs are being checked.
        Checking = "checking",
        /// A pair works; others may be checked still.
        Connected = "connected",
        /// A pair works, and nothing is left to check.
        Completed = "completed",
        /// The peer has not been heard for a while.
        Disconnected = "disconnected",
        /// No pair works.
        Failed = "failed",
        /// It is over.
        Closed = "closed",
    }
}

words! {
    /// How DTLS fares on a transport.
    DtlsTransportState {
        /// It has not begun.
        New = "new",
        /// Its handshake is under way.
        Connecting = "connecting",
        /// The peer is verified, and there are keys.
        Connected = "connected",
        /// It is over.
        Closed = "closed",
        /// The handshake, or the verification, failed.
        Failed = "failed",
    }
}

words! {
    /// How the SCTP association fares.
    SctpTransportState {
        /// It is being set up.
        Connecting = "connecting",
        /// It is up.
        Connected = "connected",
        /// It is over.
        Closed = "closed",
    }
}

words! {
    /// How the connection fares as a whole.
    ConnectionState {
        /// Nothing has begun.
        New = "new",
        /// ICE or DTLS is under way.
        Connecting = "connecting",
        /// Every transport is up.
        Connected = "connected",
        /// Some transport has not heard the peer for a while.
        Disconnected = "disconnected",
        /// Some transport has failed.
        Failed = "failed",
        /// It is over.
        Closed = "closed",
    }
}

words! {
    /// How hard the offerer insists on one transport (RFC 9429 §4.1.1).
    BundlePolicy {
        /// The first medium of each kind could do without the bundle.
        Balanced = "balanced",
        /// Every medium could do without it.
        MaxCompat = "max-compat",
        /// Only the first medium could do without it.
        MustBundle = "must-bundle",
        /// The deprecated name of `must-bundle`. Implementations are asked to ignore it after a while; here it still means the same.
        MaxBundle = "max-bundle",
    }
}

impl BundlePolicy {
    /// The policy without its deprecated name.
    pub fn effective(self) -> BundlePolicy {
        if self == BundlePolicy::MaxBundle { BundlePolicy::MustBundle } else { self }
    }
}

words! {
    /// Whether RTCP may have a port of its own (RFC 9429 §4.1.1).
    RtcpMuxPolicy {
        /// If the peer wants it.
        Negotiate = "negotiate",
        /// Never.
        Require = "require",
    }
}

words! {
    /// Which candidates may be used (RFC 9429 §3.5.3).
    IceTransportPolicy {
        /// All.
        All = "all",
        /// Relayed ones, so that the peer does not learn our address.
        Relay = "relay",
    }
}

words! {
    /// Who begins the DTLS handshake.
    DtlsRole {
        /// We do.
        Client = "client",
        /// The peer does.
        Server = "server",
    }
}

/// Makes a number that tells things of one kind apart.
macro_rules! numbers {
    ($($(#[$meta:meta])* $name:ident;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
    )*};
}

numbers! {
    /// A transceiver; counts up from 0 and is never reused.
    TransceiverId;
    /// A transport; counts up from 0 and is never reused.
    TransportId;
    /// An operation in the chain; counts up from 0.
    OperationId;
    /// A data channel; counts up from 0. Not its stream in SCTP.
    DataChannelId;
}

/// A username fragment and a password of ICE.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IceCredentials {
    /// The username fragment.
    pub ufrag: String,
    /// The password.
    pub password: String,
}
