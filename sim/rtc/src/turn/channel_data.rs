//! ChannelData: four bytes of header instead of 36 (RFC 8656 §12.4). Not here: who may use which channel.

use std::ops::RangeInclusive;

use crate::stun::Field;

/// Numbers that a channel may have (RFC 8656 §12). RFC 5766 §11 had them up to 0x7FFF; RFC 7983 gave the upper ones away, so a server answers
/// 400 to them. Clients that count up from 0x4000 never notice.
pub const CHANNEL_NUMBERS: RangeInclusive<u16> = 0x4000..=0x4FFF;

/// Bytes before the data.
pub const CHANNEL_DATA_HEADER_LENGTH: usize = 4;

/// A ChannelData message: a borrowed view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelData<'a> {
    /// The channel.
    pub channel: u16,
    /// What is relayed.
    pub data: &'a [u8],
}

/// Why bytes are not ChannelData.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelDataError {
    /// Fewer bytes than the header has.
    #[error("a ChannelData header has 4 bytes, here are {length}")]
    TooShort {
        /// How many there are.
        length: usize,
    },
    /// Not a channel.
    #[error("{number:#06x} is not a channel number from 0x4000 to 0x4fff")]
    Number {
        /// The first two bytes.
        number: u16,
    },
    /// Cut off.
    #[error("the length at byte 2 says {says} bytes of data, but {has} follow the header")]
    Length {
        /// What the header says.
        says: u16,
        /// How many bytes follow the header.
        has: usize,
    },
}

/// Whether a datagram on a socket that speaks TURN is ChannelData: its first byte is 64 to 79 (RFC 8656 §12, RFC 7983 §7).
pub fn is_channel_data(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| (0x40..=0x4F).contains(first))
}

impl<'a> ChannelData<'a> {
    /// Reads a datagram. Over UDP it need not be padded; what stands behind the data is ignored (RFC 8656 §12.5).
    ///
    /// # Errors
    /// Too short, or not a channel number.
    pub fn parse(datagram: &'a [u8]) -> Result<ChannelData<'a>, ChannelDataError> {
        let Some((&[n0, n1, l0, l1], rest)) = datagram.split_first_chunk::<4>() else {
            return Err(ChannelDataError::TooShort { length: datagram.len() });
        };
        let (channel, says) = (u16::from_be_bytes([n0, n1]), u16::from_be_bytes([l0, l1]));
        if !CHANNEL_NUMBERS.contains(&channel) {
            return Err(ChannelDataError::Number { number: channel });
        }
        let data = rest.get(..usize::from(says)).ok_or(ChannelDataError::Length { says, has: rest.len() })?;
        Ok(ChannelData { channel, data })
    }

    /// The datagram, without padding; `None` if the data is longer than a length field can say.
    pub fn to_datagram(&self) -> Option<Vec<u8>> {
        let length = u16::try_from(self.data.len()).ok()?;
        let mut datagram = Vec::with_capacity(CHANNEL_DATA_HEADER_LENGTH + self.data.len());
        datagram.extend_from_slice(&self.channel.to_be_bytes());
        datagram.extend_from_slice(&length.to_be_bytes());
        datagram.extend_from_slice(self.data);
        Some(datagram)
    }
}

impl ChannelData<'_> {
    /// The same for a stream: padded to four bytes, which its length does not count (RFC 8656 §12.5).
    pub fn to_stream(&self) -> Option<Vec<u8>> {
        let mut bytes = self.to_datagram()?;
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        Some(bytes)
    }
}

/// The fields of a ChannelData message with their byte ranges, lenient like [`stun::fields`](crate::stun::fields()).
pub fn channel_data_fields(bytes: &[u8]) -> Vec<Field> {
    let problem = ChannelData::parse(bytes).err();
    let text = problem.map(|problem| problem.to_string());
    let Some((&[n0, n1, l0, l1], rest)) = bytes.split_first_chunk::<4>() else {
        return vec![Field::new(0..bytes.len(), 0, "ChannelData header", "cut off").but(text)];
    };
    let number_problem = text.clone().filter(|_| matches!(problem, Some(ChannelDataError::Number { .. })));
    let length_problem = text.filter(|_| matches!(problem, Some(ChannelDataError::Length { .. })));
    let says = u16::from_be_bytes([l0, l1]);
    let end = CHANNEL_DATA_HEADER_LENGTH + usize::from(says).min(rest.len());
    let number = format!("{:#06x}", u16::from_be_bytes([n0, n1]));
    let mut fields = vec![
        Field::new(0..2, 0, "Channel Number", number).but(number_problem),
        Field::new(2..4, 0, "Length", says.to_string()).but(length_problem),
        Field::new(4..end, 0, "Application Data", format!("{} bytes", end - 4)),
    ];
    if end < bytes.len() {
        fields.push(Field::new(end..bytes.len(), 0, "Padding", format!("{} bytes", bytes.len() - end)));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn padding_behind_the_data_is_ignored() {
        let parsed = ChannelData::parse(&[0x40, 1, 0, 3, b'a', b'b', b'c', 0]).unwrap();
        assert_eq!(parsed, ChannelData { channel: 0x4001, data: b"abc" });
        assert_eq!(parsed.to_datagram().unwrap(), [0x40, 1, 0, 3, b'a', b'b', b'c']);
    }

    #[test]
    fn reserved_numbers_and_cut_off_data_are_refused() {
        assert_eq!(ChannelData::parse(&[0x50, 0, 0, 0]), Err(ChannelDataError::Number { number: 0x5000 }));
        assert_eq!(
            ChannelData::parse(&[0x40, 0, 0, 2, 1]),
            Err(ChannelDataError::Length { says: 2, has: 1 })
        );
        assert_eq!(ChannelData::parse(&[0x40, 0, 0]), Err(ChannelDataError::TooShort { length: 3 }));
        assert!(is_channel_data(&[0x4F]) && !is_channel_data(&[0x50]) && !is_channel_data(&[]));
    }

    #[test]
    fn what_is_longer_than_the_length_field_can_say_is_not_built() {
        let data = vec![0; 65_536];
        assert_eq!(ChannelData { channel: 0x4000, data: &data }.to_datagram(), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_is_built_is_read_back(channel in CHANNEL_NUMBERS, data in prop::collection::vec(any::<u8>(), 0..200)) {
            let message = ChannelData { channel, data: &data };
            let datagram = message.to_datagram().unwrap();
            prop_assert_eq!(ChannelData::parse(&datagram), Ok(message));
            prop_assert_eq!(channel_data_fields(&datagram).len(), 3);
        }

        #[test]
        fn any_bytes_have_fields_side_by_side(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = ChannelData::parse(&bytes);
            let end = channel_data_fields(&bytes).into_iter().fold(0, |end, field| {
                assert_eq!(field.range.start, end);
                field.range.end
            });
            prop_assert_eq!(end, bytes.len());
        }
    }
}
