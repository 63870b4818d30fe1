//! Bytes of IPv4, IPv6, UDP and ICMP: checked views, builders and incremental checksums. Not here: what nodes do with them.
//!
//! | RFC | what of it | where |
//! |---|---|---|
//! | 791, 8200 | headers without options and extension headers are built; IPv4 options are stepped over | [`ip`] |
//! | 791 §2.3, 8200 §4.5 | fragments: reading, splitting, joining | [`fragment`] |
//! | 3168 §5 | the ECN bits | [`ip`] |
//! | 768, 8200 §8.1 | UDP; a zero checksum means none in IPv4 and is wrong in IPv6 | [`udp`] |
//! | 792, 4443 | echo, unreachable, time exceeded, packet too big | [`icmp`] |
//! | 7915 | IPv4 to IPv6 and back, without fragments | [`translate64`] |
//! | 1071, 1624 | the checksum, and its update by difference | [`checksum`] |

pub mod checksum;
pub mod fragment;
pub mod icmp;
pub mod ip;
pub mod rewrite;
pub mod translate64;
pub mod udp;
