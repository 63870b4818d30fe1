//! How long a body is (RFC 9112 §6.3), and taking chunks apart (§7.1). Not here: heads.

use super::{BODY_MAX, HEAD_MAX, Headers, HttpError};

/// The longest line with the size of a chunk, extensions included.
const SIZE_LINE_MAX: usize = 256;

/// What tells where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes.
    Length(usize),
    /// An empty chunk.
    Chunked,
    /// The end of the stream.
    UntilClosed,
}

impl Framing {
    /// What the head says; nothing if it says nothing.
    pub(super) fn of(headers: &Headers) -> Result<Option<Framing>, HttpError> {
        let mut codings = headers.list("Transfer-Encoding").peekable();
        let chunked = codings.peek().is_some();
        if let Some(other) = codings.find(|coding| !coding.eq_ignore_ascii_case("chunked")) {
            return Err(HttpError::TransferCoding(other.to_owned()));
        }
        if chunked && headers.list("Transfer-Encoding").count() > 1 {
            return Err(HttpError::TransferCoding("chunked, chunked".to_owned()));
        }
        if chunked {
            let both = headers.get("Content-Length").is_some();
            return if both { Err(HttpError::TwoFramings) } else { Ok(Some(Framing::Chunked)) };
        }
        let mut length = None;
        for value in headers.all("Content-Length").flat_map(|value| value.split(',')) {
            let value = value.trim();
            let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
            let found: u64 = value.parse().ok().filter(|_| digits).ok_or(HttpError::ContentLength)?;
            if length.is_some_and(|before| before != found) {
                return Err(HttpError::ContentLength);
            }
            length = Some(found);
        }
        let Some(length) = length else { return Ok(None) };
        let fits = usize::try_from(length).ok().filter(|length| *length <= BODY_MAX);
        fits.map(|length| Some(Framing::Length(length))).ok_or(HttpError::BodyTooLong)
    }
}

/// A body on its way.
#[derive(Debug)]
pub(super) struct Body {
    framing: Framing,
    collected: Vec<u8>,
    chunks: Chunks,
}

/// Where in the chunks the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chunks {
    /// In front of a size.
    Size,
    /// Inside of a chunk: so many bytes are missing.
    Data(usize),
    /// Behind a chunk, in front of its CRLF.
    End,
    /// Behind the empty chunk: fields until an empty line; so many bytes of them so far.
    Trailers(usize),
}

impl Body {
    pub(super) fn new(framing: Framing) -> Body {
        Body { framing, collected: Vec::new(), chunks: Chunks::Size }
    }

    /// Takes what belongs to the body off the front of `input`. Returns the body once it is whole.
    pub(super) fn take(&mut self, input: &mut Vec<u8>) -> Result<Option<Vec<u8>>, HttpError> {
        match self.framing {
            Framing::Length(length) => {
                let missing = length.saturating_sub(self.collected.len());
                self.collect(input, missing)?;
                Ok((self.collected.len() == length).then(|| std::mem::take(&mut self.collected)))
            }
            Framing::UntilClosed => {
                self.collect(input, usize::MAX)?;
                Ok(None)
            }
            Framing::Chunked => self.take_chunks(input),
        }
    }

    /// The stream is over: whether that is the end of the body, too.
    pub(super) fn end(&mut self) -> Option<Vec<u8>> {
        (self.framing == Framing::UntilClosed).then(|| std::mem::take(&mut self.collected))
    }

    fn collect(&mut self, input: &mut Vec<u8>, most: usize) -> Result<usize, HttpError> {
        let count = input.len().min(most);
        if self.collected.len() + count > BODY_MAX {
            return Err(HttpError::BodyTooLong);
        }
        self.collected.extend(input.drain(..count));
        Ok(count)
    }

    fn take_chunks(&mut self, input: &mut Vec<u8>) -> Result<Option<Vec<u8>>, HttpError> {
        loop {
            match self.chunks {
                Chunks::Size => {
                    let Some(line) = take_line(input, SIZE_LINE_MAX)? else { return Ok(None) };
                    self.chunks = match size_of_chunk(&line)? {
                        0 => Chunks::Trailers(0),
                        size => Chunks::Data(size),
                    };
                }
                Chunks::Data(missing) => {
                    let count = self.collect(input, missing)?;
                    if count < missing {
                        self.chunks = Chunks::Data(missing - count);
                        return Ok(None);
                    }
                    self.chunks = Chunks::End;
                }
                Chunks::End => {
                    let Some(line) = take_line(input, 2)? else { return Ok(None) };
                    if !line.is_empty() {
                        return Err(HttpError::Chunk);
                    }
                    self.chunks = Chunks::Size;
                }
                Chunks::Trailers(before) => {
                    let Some(line) = take_line(input, HEAD_MAX)? else { return Ok(None) };
                    if line.is_empty() {
                        return Ok(Some(std::mem::take(&mut self.collected)));
                    }
                    let so_far = before + line.len() + 2;
                    if so_far > HEAD_MAX {
                        return Err(HttpError::HeadTooLong);
                    }
                    self.chunks = Chunks::Trailers(so_far);
                }
            }
        }
    }
}

/// A line off the front, without its CRLF; nothing if it is not whole yet.
fn take_line(input: &mut Vec<u8>, most: usize) -> Result<Option<Vec<u8>>, HttpError> {
    let within = &input[..input.len().min(most)];
    let Some(end) = within.iter().position(|byte| *byte == b'\n') else {
        return if input.len() >= most { Err(HttpError::Chunk) } else { Ok(None) };
    };
    let mut line: Vec<u8> = input.drain(..=end).collect();
    line.pop();
    // A CR must stand before, and nowhere else.
    if line.pop() != Some(b'\r') || line.contains(&b'\r') {
        return Err(HttpError::Chunk);
    }
    Ok(Some(line))
}

/// Hexadecimal digits; extensions behind a semicolon mean nothing here (RFC 9112 §7.1.1).
fn size_of_chunk(line: &[u8]) -> Result<usize, HttpError> {
    let line = std::str::from_utf8(line).map_err(|_| HttpError::Chunk)?;
    let digits = line.split(';').next().unwrap_or_default().trim_end_matches([' ', '\t']);
    if digits.is_empty() || digits.len() > 16 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(HttpError::Chunk);
    }
    let size = usize::from_str_radix(digits, 16).map_err(|_| HttpError::BodyTooLong)?;
    if size > BODY_MAX { Err(HttpError::BodyTooLong) } else { Ok(size) }
}
