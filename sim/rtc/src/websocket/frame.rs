//! Frames: their bytes, and masking (RFC 6455 §5.2, §5.3). Not here: what frames add up to (`assembly`), who has to mask (`connection`).
//!
//! ```text
//! byte 0   FIN RSV1 RSV2 RSV3 opcode(4)
//! byte 1   MASK length(7)           126: the next 2 bytes are the length; 127: the next 8
//! ...      mask (4), if MASK
//! ...      payload, each byte XORed with mask[i mod 4]
//! ```

/// The longest payload of a control frame (§5.5).
pub(crate) const CONTROL_MAX: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// More of the message before.
    Continuation,
    /// Text, in UTF-8.
    Text,
    /// Bytes.
    Binary,
    /// The beginning or the answer of the closing handshake.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping, or says that one is there.
    Pong,
}

impl Opcode {
    const fn of(bits: u8) -> Option<Opcode> {
        match bits {
            0x0 => Some(Opcode::Continuation),
            0x1 => Some(Opcode::Text),
            0x2 => Some(Opcode::Binary),
            0x8 => Some(Opcode::Close),
            0x9 => Some(Opcode::Ping),
            0xA => Some(Opcode::Pong),
            _ => None,
        }
    }

    const fn bits(self) -> u8 {
        match self {
            Opcode::Continuation => 0x0,
            Opcode::Text => 0x1,
            Opcode::Binary => 0x2,
            Opcode::Close => 0x8,
            Opcode::Ping => 0x9,
            Opcode::Pong => 0xA,
        }
    }

    /// Whether it is about the connection and not part of a message (§5.5).
    pub const fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }
}

/// A frame with its payload in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Whether it is the last one of its message.
    pub fin: bool,
    /// What it is.
    pub opcode: Opcode,
    /// The mask that its payload was, or is to be, hidden by.
    pub mask: Option<[u8; 4]>,
    /// The payload.
    pub payload: Vec<u8>,
}

/// Why bytes are no frame that is taken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A reserved bit is set, and no extension was agreed on (§5.2).
    #[error("a reserved bit is set")]
    ReservedBit,
    /// A reserved opcode (§5.2).
    #[error("the opcode {0:#x} is reserved")]
    ReservedOpcode(u8),
    /// A control frame that is fragmented, or longer than 125 bytes (§5.5).
    #[error("a control frame is one frame of up to 125 bytes")]
    Control,
    /// A length that is not in its shortest form, or has its highest bit set (§5.2).
    #[error("the length is not in its shortest form")]
    Length,
    /// A payload that is longer than is taken here.
    #[error("the payload of {0} bytes is too long")]
    TooLong(u64),
    /// The client did not mask, or the server did (§5.1).
    #[error("a client masks every frame, and a server none")]
    Masking,
    /// A message within a message, or a continuation of nothing (§5.4).
    #[error("the fragments of a message are out of order")]
    Fragments,
    /// A text or the reason of a Close that is not UTF-8 (§8.1).
    #[error("the text is not UTF-8")]
    NotText,
    /// A Close with half a code, or one that must not be sent (§7.4).
    #[error("the code of the Close must not be sent")]
    CloseCode,
}

impl Frame {
    /// The first frame in the bytes, and how many of them it takes; nothing if it is not whole.
    ///
    /// # Errors
    ///
    /// It is no frame, or one whose payload is longer than `payload_max`; that is known before the payload has come.
    pub fn parse(bytes: &[u8], payload_max: usize) -> Result<Option<(Frame, usize)>, FrameError> {
        let Some((&[first, second], rest)) = bytes.split_first_chunk::<2>() else { return Ok(None) };
        if first & 0x70 != 0 {
            return Err(FrameError::ReservedBit);
        }
        let opcode = Opcode::of(first & 0x0F).ok_or(FrameError::ReservedOpcode(first & 0x0F))?;
        let fin = first & 0x80 != 0;
        let short = second & 0x7F;
        if opcode.is_control() && (!fin || usize::from(short) > CONTROL_MAX) {
            return Err(FrameError::Control);
        }
        let Some((length, rest)) = length(short, rest)? else { return Ok(None) };
        let length = usize::try_from(length)
            .ok()
            .filter(|length| *length <= payload_max)
            .ok_or(FrameError::TooLong(length))?;
        let (mask, rest) = if second & 0x80 == 0 {
            (None, rest)
        } else {
            let Some((mask, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
            (Some(*mask), rest)
        };
        let Some(payload) = rest.get(..length) else { return Ok(None) };
        let mut payload = payload.to_vec();
        if let Some(mask) = mask {
            apply(mask, &mut payload);
        }
        let taken = bytes.len() - rest.len() + length;
        Ok(Some((Frame { fin, opcode, mask, payload }, taken)))
    }

    /// The bytes for the stream.
    pub fn to_bytes(&self) -> Vec<u8> {
        let length = self.payload.len();
        let mut bytes = Vec::with_capacity(length + 14);
        bytes.push(if self.fin { 0x80 } else { 0 } | self.opcode.bits());
        let masked = if self.mask.is_some() { 0x80 } else { 0 };
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ 0..=125), _) => bytes.push(masked | short),
            (_, Ok(medium)) => {
                bytes.push(masked | 126);
                bytes.extend_from_slice(&medium.to_be_bytes());
            }
            _ => {
                bytes.push(masked | 127);
                bytes.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        let payload_at = bytes.len() + self.mask.map_or(0, |mask| mask.len());
        bytes.extend(self.mask.into_iter().flatten());
        bytes.extend_from_slice(&self.payload);
        if let Some(mask) = self.mask {
            apply(mask, &mut bytes[payload_at..]);
        }
        bytes
    }
}

/// The length, and what follows it; nothing if it is not whole.
fn length(short: u8, rest: &[u8]) -> Result<Option<(u64, &[u8])>, FrameError> {
    match short {
        126 => {
            let Some((bytes, rest)) = rest.split_first_chunk::<2>() else { return Ok(None) };
            let length = u64::from(u16::from_be_bytes(*bytes));
            if length < 126 { Err(FrameError::Length) } else { Ok(Some((length, rest))) }
        }
        127 => {
            let Some((bytes, rest)) = rest.split_first_chunk::<8>() else { return Ok(None) };
            let length = u64::from_be_bytes(*bytes);
            let fit = length > u64::from(u16::MAX) && length >> 63 == 0;
            if fit { Ok(Some((length, rest))) } else { Err(FrameError::Length) }
        }
        short => Ok(Some((u64::from(short), rest))),
    }
}

/// Hides, or shows again.
fn apply(mask: [u8; 4], payload: &mut [u8]) {
    for (byte, key) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}
