//! Bytes of IPv4, IPv6, UDP, ICMP, ARP and neighbor discovery: checked views, builders and incremental checksums. Not here: what nodes do with them.
//!
//! | RFC | what of it | where |
//! |---|---|---|
//! | 791, 8200 | headers without options and extension headers are built; IPv4 options are stepped over | [`ip`] |
//! | 791 §2.3, 8200 §4.5 | fragments: reading, splitting, joining | [`fragment`] |
//! | 3168 §5 | the ECN bits | [`ip`] |
//! | 768, 8200 §8.1 | UDP; a zero checksum means none in IPv4 and is wrong in IPv6 | [`udp`] |
//! | 792, 4443 | echo, unreachable, time exceeded, packet too big | [`icmp`] |
//! | 826, 5227 §3 | ARP for IPv4 over Ethernet | [`arp`] |
//! | 1112 §6.4, 2464 §7, 4291 §2.7.1 | hardware addresses of groups, the solicited-node group | [`ethernet`] |
//! | 4861 §4.3, §4.4 | neighbor solicitation and advertisement | [`discovery`] |
//! | 7915 | IPv4 to IPv6 and back, without fragments | [`translate64`] |
//! | 1071, 1624 | the checksum, and its update by difference | [`checksum`] |

pub mod arp;
pub mod checksum;
pub mod discovery;
pub mod ethernet;
pub mod fragment;
pub mod icmp;
pub mod ip;
pub mod rewrite;
pub mod translate64;
pub mod udp;
