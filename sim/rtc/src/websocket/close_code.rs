//! Why a WebSocket is closed (RFC 6455 §7.4). Not here: the closing handshake.

use std::fmt;

/// A status code of a Close frame, or one that stands for the lack of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// What the connection was for is done.
    pub const NORMAL: CloseCode = CloseCode(1000);
    /// A server goes down, or a page is left.
    pub const GOING_AWAY: CloseCode = CloseCode(1001);
    /// The other side broke the protocol.
    pub const PROTOCOL_ERROR: CloseCode = CloseCode(1002);
    /// A kind of data that is not taken here.
    pub const UNSUPPORTED: CloseCode = CloseCode(1003);
    /// Never sent: the Close frame had no code.
    pub const NONE: CloseCode = CloseCode(1005);
    /// Never sent: the stream ended without a Close frame.
    pub const ABNORMAL: CloseCode = CloseCode(1006);
    /// Data that does not fit its type: text that is not UTF-8.
    pub const INVALID_DATA: CloseCode = CloseCode(1007);
    /// A message that breaks a rule of its receiver.
    pub const POLICY: CloseCode = CloseCode(1008);
    /// A message that is too long.
    pub const TOO_BIG: CloseCode = CloseCode(1009);
    /// The server met something that it did not expect.
    pub const INTERNAL: CloseCode = CloseCode(1011);

    /// Whether it may stand in a frame: 1004, 1005, 1006 and 1015 are reserved, below 1000 is nothing, 3000 to 4999 are free for use
    /// (RFC 6455 §7.4.1, §7.4.2); 1012 to 1014 were registered later.
    pub const fn may_be_sent(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }

    /// What it says, in a few words.
    pub const fn words(self) -> &'static str {
        match self.0 {
            1000 => "done",
            1001 => "going away",
            1002 => "protocol error",
            1003 => "data of this kind is not taken",
            1005 => "no code",
            1006 => "the stream ended without a Close",
            1007 => "the text is not UTF-8",
            1008 => "against a rule",
            1009 => "too big",
            1010 => "an extension is missing",
            1011 => "error of the server",
            1012 => "the server restarts",
            1013 => "try again later",
            1014 => "bad gateway",
            3000..=3999 => "a registered code",
            4000..=4999 => "a code of the application",
            _ => "a code without meaning",
        }
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.words())
    }
}
