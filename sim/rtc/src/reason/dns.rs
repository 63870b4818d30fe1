//! The reasons of DNS: questions, repetitions, answers, and what comes of them. Not here: what the answers are used for.

/// Adds this protocol's lines to those before, and hands all of them on to the next macro.
macro_rules! dns_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            DnsAsked: "dns-query", "RFC 1035 §4.2.1",
                "A name stands for an address that is not known yet, so a name server is asked, in one datagram.",
                "이름에 해당하는 주소를 아직 몰라 네임 서버에 데이터그램 하나로 묻습니다.";
            DnsRetry: "dns-retry", "RFC 1035 §4.2.1",
                "No answer came in time, and UDP does not repeat what is lost, so the resolver asks again.",
                "제때 응답이 오지 않았고 UDP는 잃어버린 것을 다시 보내지 않으므로 리졸버가 다시 묻습니다.";
            DnsNextServer: "dns-next-server", "RFC 1035 §7.2",
                "This name server did not answer or could not, so the next one is asked.",
                "이 네임 서버가 응답하지 않거나 응답할 수 없어 다음 네임 서버에 묻습니다.";
            DnsAnswered: "dns-answered", "RFC 1034 §5.3.1",
                "The name server answered with the records that were asked for.",
                "네임 서버가 요청한 레코드로 응답했습니다.";
            DnsNoSuchName: "dns-no-such-name", "RFC 2308 §2.1",
                "The name server says that the name does not exist, for any kind of record.",
                "네임 서버가 그 이름은 어떤 종류의 레코드로도 존재하지 않는다고 알렸습니다.";
            DnsNoData: "dns-no-data", "RFC 2308 §2.2",
                "The name exists, but it has no record of the kind that was asked for.",
                "이름은 있지만 요청한 종류의 레코드가 없습니다.";
            DnsServerFailure: "dns-server-failure", "RFC 1035 §4.1.1",
                "The name server says that it cannot answer, which tells nothing about the name.",
                "네임 서버가 응답할 수 없다고 알렸으며, 이름에 대해서는 아무것도 알려 주지 않습니다.";
            DnsTruncated: "dns-truncated", "RFC 2181 §9",
                "The answer did not fit its datagram, and what is left of it is not to be used.",
                "응답이 데이터그램에 다 들어가지 않았으며 남은 부분은 쓰면 안 됩니다.";
            DnsTimedOut: "dns-timeout", "RFC 9520 §3.1",
                "No name server answered, however often it was asked.",
                "여러 번 물어도 응답한 네임 서버가 없었습니다.";
            DnsUnreachable: "dns-unreachable", "RFC 1122 §4.1.3.3",
                "ICMP says that the last name server that was left cannot be reached.",
                "ICMP가 마지막으로 남은 네임 서버에 닿을 수 없다고 알렸습니다.";
            DnsFromCache: "dns-cached", "RFC 1034 §4.3.3",
                "The answer to an earlier question has not outlived its TTL, so nobody is asked.",
                "이전 질문의 응답이 아직 TTL 안에 있어 아무에게도 묻지 않습니다.";
            DnsFailureFromCache: "dns-failure-cached", "RFC 9520 §3.2",
                "The question failed a moment ago, and asking again so soon would only add to the load.",
                "질문이 방금 실패했으며 이렇게 빨리 다시 묻는 것은 부하만 늘립니다.";
            DnsUnexpected: "dns-unexpected", "RFC 5452 §9.1",
                "The message answers no question that is open: its id, question or sender is another.",
                "열려 있는 질문의 응답이 아닙니다. 식별자나 질문, 보낸 쪽이 다릅니다.";
            DnsMalformed: "dns-malformed", "RFC 1035 §4.1",
                "The datagram is not a well-formed DNS message, so it is dropped.",
                "데이터그램이 올바른 DNS 메시지가 아니어서 버립니다.";

            DnsServed: "dns-response", "RFC 1034 §4.3.2",
                "The name server found the name in its zone, or found that it is not there.",
                "네임 서버가 자신의 영역에서 이름을 찾았거나 없음을 확인했습니다.";
            DnsServedTruncated: "dns-response-truncated", "RFC 2181 §9",
                "The records do not fit the size that the client takes, so it is told with the TC bit to ask over TCP.",
                "레코드가 클라이언트가 받는 크기에 들어가지 않아 TC 비트로 TCP로 물으라고 알립니다.";
            DnsServedFailure: "dns-response-failure", "RFC 1035 §4.1.1",
                "The zone says that the name server cannot answer for this name.",
                "영역 설정에 따라 네임 서버가 이 이름에 응답할 수 없습니다.";
            DnsNotImplemented: "dns-response-not-implemented", "RFC 1035 §4.1.1",
                "The name server takes questions only: one at a time, and no other kind of request.",
                "네임 서버는 질문만, 한 번에 하나씩 받으며 다른 종류의 요청은 받지 않습니다.";
            DnsSynthesized: "dns64-synthesized", "RFC 6147 §5.1",
                "The name has no IPv6 address, so one that leads to the NAT64 is made of its IPv4 address.",
                "이름에 IPv6 주소가 없어 IPv4 주소로 NAT64를 거치는 주소를 만듭니다.";

            MdnsAsked: "mdns-query", "RFC 6762 §5.1",
                "Names under .local are not in any server: everyone on the link is asked, and who has the name answers.",
                ".local 아래의 이름은 어느 서버에도 없습니다. 링크의 모두에게 묻고 그 이름을 가진 쪽이 응답합니다.";
            MdnsRetry: "mdns-query-again", "RFC 6762 §5.2",
                "Nobody on the link has answered yet, so everyone is asked again.",
                "아직 링크에서 아무도 응답하지 않아 모두에게 다시 묻습니다.";
            MdnsFound: "mdns-found", "RFC 6762 §6.7",
                "A host on the link answered that the name is its own.",
                "링크의 한 호스트가 자신의 이름이라고 응답했습니다.";
            MdnsTimedOut: "mdns-timeout", "RFC 6762 §5.2",
                "Nobody on the link answered, so nobody here has the name.",
                "링크에서 아무도 응답하지 않았으므로 여기에는 그 이름을 가진 호스트가 없습니다.";
            MdnsProbe: "mdns-probe", "RFC 6762 §8.1",
                "Before a host takes a name, it asks whether somebody on the link has it already.",
                "호스트는 이름을 쓰기 전에 링크에서 이미 쓰고 있는 쪽이 있는지 묻습니다.";
            MdnsAnnounced: "mdns-announcement", "RFC 6762 §8.3",
                "The name is this host's own, and everyone on the link is told.",
                "이 이름이 이 호스트의 것임을 링크의 모두에게 알립니다.";
            MdnsAnswered: "mdns-response", "RFC 6762 §6",
                "Somebody asked for a name of this host, which answers for itself.",
                "이 호스트의 이름을 묻는 쪽이 있어 호스트가 직접 응답합니다.";
            MdnsGoodbye: "mdns-goodbye", "RFC 6762 §10.1",
                "The name is given up: a lifetime of zero makes everyone forget it.",
                "이름을 내놓습니다. 수명 0을 알려 모두가 잊게 합니다.";
            MdnsConflict: "mdns-conflict", "RFC 6762 §9",
                "Somebody else on the link has the name, so this host has to take another one.",
                "링크의 다른 쪽이 그 이름을 쓰고 있어 이 호스트는 다른 이름을 써야 합니다.";
            MdnsNotMine: "mdns-not-mine", "RFC 6762 §6",
                "The question or answer is about a name of somebody else, who is to say something about it.",
                "다른 쪽의 이름에 대한 질문이나 응답이므로 그쪽이 답할 일입니다.";
            MdnsKnownAnswer: "mdns-known-answer", "RFC 6762 §7.1",
                "Who asks has said that the answer is known already.",
                "묻는 쪽이 응답을 이미 알고 있다고 밝혔습니다.";
            MdnsForeign: "mdns-foreign", "RFC 6762 §6",
                "A response of multicast DNS comes from its port, and reports no error; this one is not to be believed.",
                "멀티캐스트 DNS의 응답은 정해진 포트에서 오고 오류를 담지 않으므로 이것은 믿을 수 없습니다.";
        } }
    };
}
