//! What frames add up to: messages (RFC 6455 §5.4), and text that is UTF-8 (§8.1). Not here: control frames.

use super::frame::{Frame, FrameError, Opcode};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    Text(String),
    Binary(Vec<u8>),
}

/// The fragments of the message that is on its way.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    begun: Option<(Opcode, Vec<u8>)>,
}

impl Assembly {
    /// Takes a frame that is not a control frame. Returns the message once it is whole.
    pub(super) fn take(&mut self, frame: Frame, message_max: usize) -> Result<Option<Message>, FrameError> {
        let (opcode, payload) = match (self.begun.take(), frame.opcode) {
            (None, Opcode::Text | Opcode::Binary) => (frame.opcode, frame.payload),
            (Some((opcode, mut payload)), Opcode::Continuation) => {
                let length = payload.len() + frame.payload.len();
                if length > message_max {
                    return Err(FrameError::TooLong(length as u64));
                }
                payload.extend(frame.payload);
                (opcode, payload)
            }
            _ => return Err(FrameError::Fragments),
        };
        if opcode == Opcode::Text && !may_be_text(&payload, frame.fin) {
            return Err(FrameError::NotText);
        }
        if !frame.fin {
            self.begun = Some((opcode, payload));
            return Ok(None);
        }
        match opcode {
            Opcode::Text => {
                String::from_utf8(payload).map(Message::Text).map(Some).map_err(|_| FrameError::NotText)
            }
            _ => Ok(Some(Message::Binary(payload))),
        }
    }
}

/// Whether bytes are text, or may become text with what follows: a fragment may end within a character.
fn may_be_text(bytes: &[u8], whole: bool) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => !whole && error.error_len().is_none(),
    }
}
