//! The reasons of ICE (RFC 8445, RFC 8838, RFC 8863), in the order of its procedures. Not here: the STUN underneath, and TURN.

/// Adds this protocol's lines to those before, and hands all of them on to the next macro.
macro_rules! ice_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            // Gathering (gathering.rs).
            GatheringBegins: "gathering-begins", "RFC 8445 §5.1.1",
                "The owner asked for candidates.",
                "소유자가 후보 수집을 요청했습니다.";
            AlreadyGathering: "already-gathering", "RFC 8445 §5.1.1",
                "Gathering has begun before; only a restart begins it again.",
                "후보 수집은 이미 시작되었으며, 다시 시작하려면 ICE를 재시작해야 합니다.";
            HostAddress: "host-address", "RFC 8445 §5.1.1.1",
                "The address of a local socket is a host candidate.",
                "로컬 소켓의 주소는 호스트 후보입니다.";
            HostAddressHidden: "host-address-hidden", "RFC 8828 §5.2",
                "The host address is used to send from, but the policy keeps it from the peer.",
                "호스트 주소는 보내는 데에 쓰지만 정책에 따라 상대에게 알리지 않습니다.";
            AskForMappedAddress: "ask-for-mapped-address", "RFC 8445 §5.1.1.2",
                "A STUN server is asked which address it sees.",
                "어떤 주소로 보이는지 STUN 서버에 묻습니다.";
            MappedAddress: "mapped-address", "RFC 8445 §5.1.1.2",
                "The server saw another address than the socket's own, so there is a NAT in between.",
                "서버가 본 주소가 소켓 주소와 다르므로 중간에 NAT가 있습니다.";
            SeenByServer: "seen-by-server", "RFC 8445 §5.1.1.2",
                "The address that the server saw is a server-reflexive candidate.",
                "서버가 본 주소는 서버 반사 후보입니다.";
            MappedByGateway: "mapped-by-gateway", "RFC 6544 §4.2",
                "The gateway has mapped this address on request: a candidate like a server-reflexive one, but nobody has to be contacted first.",
                "게이트웨이가 요청에 따라 매핑한 주소입니다. 서버 반사 후보와 같지만 먼저 누구에게 보낼 필요가 없습니다.";
            RedundantCandidate: "redundant-candidate", "RFC 8445 §5.1.3",
                "A candidate with the same address and base is known already.",
                "주소와 베이스가 같은 후보가 이미 있습니다.";
            ServerRefused: "server-refused", "RFC 8445 §5.1.1.2",
                "The server answered with an error, so it gives no candidate.",
                "서버가 오류로 응답하여 후보를 얻지 못했습니다.";
            ServerSilent: "server-silent", "RFC 8489 §6.2.1",
                "The server did not answer any transmission, so it gives no candidate.",
                "서버가 한 번도 응답하지 않아 후보를 얻지 못했습니다.";
            Unreachable: "icmp-unreachable", "RFC 8445 §7.2.5.2.2",
                "An ICMP error says that the destination cannot be reached.",
                "목적지에 도달할 수 없다는 ICMP 오류가 왔습니다.";
            UnusableResponse: "unusable-response", "RFC 8489 §6.3.3",
                "The response lacks the mapped address, or demands something unknown.",
                "응답에 매핑된 주소가 없거나 알 수 없는 필수 속성이 있습니다.";
            MappingKept: "mapping-kept", "RFC 8445 §5.1.1.4",
                "The NAT mapping behind a server-reflexive candidate is kept alive.",
                "서버 반사 후보의 NAT 매핑을 유지합니다.";
            MappingChanged: "mapping-changed", "RFC 8445 §5.1.1.4",
                "The NAT has given another mapping meanwhile, so the candidate that was signaled leads nowhere.",
                "그사이 NAT 매핑이 바뀌어, 이미 알린 후보로는 도달할 수 없습니다.";
            RelayedAddress: "relayed-address", "RFC 8445 §5.1.1.2",
                "The allocation's address on the TURN server is a relayed candidate.",
                "TURN 서버에 할당된 주소는 중계 후보입니다.";
            RelayDoesNotCarry: "relay-does-not-carry", "RFC 8445 §7.2.1",
                "The TURN server does not carry packets to this peer: the allocation is over, or the permission was not given.",
                "할당이 끝났거나 권한을 얻지 못해 TURN 서버가 이 상대에게 패킷을 중계하지 않습니다.";
            GatheringComplete: "gathering-complete", "RFC 8838 §13",
                "Every server has answered or failed to, so no further candidate will come.",
                "모든 서버가 응답했거나 실패하여 더 나올 후보가 없습니다.";

            // What signaling brings (trickle.rs).
            CredentialsSignaled: "credentials-signaled", "RFC 8445 §5.3",
                "The peer's username fragment and password have been signaled.",
                "상대의 사용자 이름 조각과 비밀번호가 시그널링으로 도착했습니다.";
            CredentialsAlreadySet: "credentials-already-set", "RFC 8445 §9",
                "The peer's credentials are known; new ones need an ICE restart.",
                "상대의 자격 증명은 이미 설정되었으며, 바꾸려면 ICE를 재시작해야 합니다.";
            CandidateSignaled: "candidate-signaled", "RFC 8838 §11",
                "The peer has signaled a candidate.",
                "상대가 후보를 알렸습니다.";
            NameToResolve: "name-to-resolve", "RFC 8839 §5.1",
                "The peer hides its address behind a name, which has to be looked up before the candidate can be used.",
                "상대가 주소를 이름으로 숨겼으므로 후보를 쓰려면 먼저 이름을 조회해야 합니다.";
            NameResolved: "name-resolved", "RFC 8839 §5.1",
                "The name that the peer signaled has been looked up.",
                "상대가 알린 이름을 조회했습니다.";
            NameNotResolved: "name-not-resolved", "RFC 8839 §5.1",
                "Nobody answers to the name that the peer signaled, so the candidate is of no use.",
                "상대가 알린 이름에 아무도 응답하지 않아 후보를 쓸 수 없습니다.";
            PeerIsLite: "peer-is-lite", "RFC 8445 §6.1.1",
                "The peer is a lite agent, which never nominates, so this side is controlling.",
                "상대가 지명하지 않는 라이트 에이전트이므로 이쪽이 제어합니다.";
            BothLite: "both-lite", "RFC 8445 §8.2.2",
                "Neither side checks, so the best pair of candidates is taken as it is.",
                "양쪽 모두 검사하지 않으므로 가장 좋은 후보 쌍을 그대로 씁니다.";
            LearnedBeforeSignaled: "learned-before-signaled", "RFC 8445 §7.3.1.3",
                "A check had taught this candidate already; signaling now tells its true type, foundation and priority.",
                "검사로 먼저 알게 된 후보이며, 이제 시그널링으로 실제 유형과 파운데이션, 우선순위를 알게 되었습니다.";
            EndOfCandidates: "end-of-candidates", "RFC 8838 §14",
                "The peer has no more candidates.",
                "상대에게 더 이상 후보가 없습니다.";
            AfterEndOfCandidates: "after-end-of-candidates", "RFC 8838 §14",
                "A candidate that comes after the end of candidates is ignored.",
                "후보 종료 표시 뒤에 온 후보는 무시합니다.";
            OtherSession: "other-session", "RFC 8838 §9",
                "It belongs to another ICE session than the running one.",
                "진행 중인 ICE 세션이 아닌 다른 세션에 속합니다.";
            OtherComponent: "other-component", "RFC 8445 §6.1.2.2",
                "This side has no such stream or component, so there is nothing to pair the candidate with.",
                "이쪽에는 그런 스트림이나 컴포넌트가 없어 짝지을 후보가 없습니다.";
            UnusableAddress: "unusable-address", "RFC 8445 §19.5.1",
                "Nothing can be sent to this address: it is unspecified, multicast or broadcast, or its port is zero.",
                "미지정, 멀티캐스트, 브로드캐스트 주소이거나 포트가 0이어서 보낼 수 없습니다.";
            TooManyCandidates: "too-many-candidates", "RFC 8445 §19.5.1",
                "There are more candidates than any call needs, so this one is not kept.",
                "통화에 필요한 수보다 후보가 많아 이 후보는 보관하지 않습니다.";

            // The check list and its schedule (check_list.rs, schedule.rs).
            PairsFormed: "pairs-formed", "RFC 8445 §6.1.2.2",
                "Each candidate is paired with every candidate of the other side of its family.",
                "각 후보를 주소 계열이 같은 상대 쪽 모든 후보와 짝짓습니다.";
            FirstOfFoundation: "first-of-foundation", "RFC 8838 §12",
                "It is the best pair of its foundation, or one of its foundation has succeeded, so it need not wait for another.",
                "파운데이션에서 가장 좋은 쌍이거나 같은 파운데이션이 이미 성공하여 다른 쌍을 기다릴 필요가 없습니다.";
            FrozenByFoundation: "frozen-by-foundation", "RFC 8445 §6.1.2.6",
                "A better pair of the same foundation is checked first.",
                "같은 파운데이션의 더 좋은 쌍을 먼저 검사합니다.";
            FoundationSucceeded: "foundation-succeeded", "RFC 8445 §7.2.5.3.3",
                "A pair of the same foundation has succeeded, so this one probably works, too.",
                "같은 파운데이션의 쌍이 성공하여 이 쌍도 될 가능성이 높습니다.";
            NothingElseWaits: "nothing-else-waits", "RFC 8445 §6.1.4.2",
                "No pair waits and none of this foundation is in progress, so the best frozen one is tried.",
                "대기 중인 쌍도, 같은 파운데이션에서 진행 중인 쌍도 없어 동결된 쌍 중 가장 좋은 것을 시도합니다.";
            PairLimit: "pair-limit", "RFC 8445 §6.1.2.5",
                "The check list is full, and this pair is the least promising.",
                "검사 목록이 가득 찼고 이 쌍의 가능성이 가장 낮습니다.";
            OrdinaryCheck: "ordinary-check", "RFC 8445 §6.1.4.2",
                "It is the best waiting pair when Ta allows the next check.",
                "Ta가 다음 검사를 허용하는 시점에 대기 중인 쌍 가운데 가장 좋습니다.";
            TriggeredCheck: "triggered-check", "RFC 8445 §6.1.4.1",
                "It is the next pair of the triggered-check queue, which goes before ordinary checks.",
                "일반 검사보다 먼저 처리되는 트리거된 검사 대기열의 다음 쌍입니다.";
            NominatingCheck: "nominating-check", "RFC 8445 §8.1.1",
                "The check of the chosen pair is repeated with USE-CANDIDATE.",
                "선택한 쌍의 검사를 USE-CANDIDATE와 함께 반복합니다.";

            // Answers to our checks (response.rs, check.rs).
            CheckSucceeded: "check-succeeded", "RFC 8445 §7.2.5.3",
                "The check was answered from the address to which it was sent.",
                "검사를 보낸 바로 그 주소에서 응답이 왔습니다.";
            LearnedFromResponse: "learned-from-response", "RFC 8445 §7.2.5.3.1",
                "The peer saw our check come from an address that we did not know: a peer-reflexive candidate.",
                "상대가 본 우리 주소가 모르던 주소이므로 피어 반사 후보가 됩니다.";
            PairValid: "pair-valid", "RFC 8445 §7.2.5.3.2",
                "A check has shown that this pair works in both directions.",
                "검사 결과 이 쌍이 양방향으로 동작합니다.";
            PairSucceededMeanwhile: "pair-succeeded-meanwhile", "RFC 8445 §7.3.1.4",
                "An earlier check of the pair was answered meanwhile, so this one is not needed.",
                "그사이 같은 쌍의 이전 검사에 응답이 와서 이 검사는 필요 없습니다.";
            CheckUnanswered: "check-unanswered", "RFC 8445 §14.2",
                "The check has had time to be answered, on a pair that carries packets; a new one takes its place.",
                "패킷이 오가는 쌍인데 응답이 올 시간이 지나 새 검사로 대신합니다.";
            CheckedAgain: "checked-again", "RFC 8445 §14.2",
                "The last check was not answered, and a slot of Ta is free: the pair is checked again.",
                "지난 검사에 응답이 없고 Ta 간격에 여유가 있어 쌍을 다시 검사합니다.";
            CheckRepeated: "check-repeated", "RFC 8863 §4",
                "The check stayed unanswered, but the peer's own came through on this pair, so it is started anew.",
                "검사에 응답이 없었지만 상대의 검사는 이 쌍으로 도달했으므로 새로 시작합니다.";
            CheckRefused: "check-refused", "RFC 8445 §7.2.5.2.4",
                "The peer answered the check with an error that repeating it would not repair.",
                "상대가 반복해도 해결되지 않는 오류로 검사에 응답했습니다.";
            NonSymmetric: "non-symmetric-response", "RFC 8445 §7.2.5.2.1",
                "The response did not come back along the path of the request.",
                "응답이 요청과 같은 경로로 돌아오지 않았습니다.";
            ConnectionFirst: "connection-first", "RFC 6544 §7.1",
                "The pair is checked over TCP, so a connection is opened first.",
                "이 쌍은 TCP로 검사하므로 먼저 연결을 엽니다.";
            NoConnection: "no-connection", "RFC 6544 §7.1",
                "There is no connection that the check could travel in.",
                "검사를 실어 나를 TCP 연결이 없습니다.";

            // Checks of the peer (respond.rs).
            CheckAnswered: "check-answered", "RFC 8445 §7.3",
                "An authentic check is answered at once with the address it came from.",
                "인증된 검사에는 발신 주소를 담아 즉시 응답합니다.";
            LearnedFromCheck: "learned-from-check", "RFC 8445 §7.3.1.3",
                "A check came from an address that was not signaled: a peer-reflexive candidate of the peer.",
                "시그널링되지 않은 주소에서 검사가 왔으므로 상대의 피어 반사 후보입니다.";
            TriggeredByPeer: "triggered-by-peer", "RFC 8445 §7.3.1.4",
                "The peer's check got through, so a check in the other direction is queued.",
                "상대의 검사가 도달했으므로 반대 방향 검사를 대기열에 넣습니다.";
            CancelledForTriggered: "cancelled-for-triggered", "RFC 8445 §7.3.1.4",
                "A new check replaces the one under way, which is not sent again.",
                "새 검사가 진행 중인 검사를 대신하며, 이전 검사는 재전송하지 않습니다.";
            FingerprintMissing: "fingerprint-missing", "RFC 8445 §7.2.4",
                "A check carries FINGERPRINT; this request does not.",
                "검사에는 FINGERPRINT가 있어야 하지만 이 요청에는 없습니다.";
            NoCandidateHere: "no-candidate-here", "RFC 8445 §7.3",
                "No candidate of ours has this address.",
                "이 주소를 가진 우리 후보가 없습니다.";
            Unsigned: "unsigned-check", "RFC 8489 §9.1.3",
                "The request carries no username or no message integrity.",
                "요청에 사용자 이름이나 메시지 무결성이 없습니다.";
            UnknownUsername: "unknown-username", "RFC 8445 §7.3",
                "The username does not begin with our fragment and a colon.",
                "사용자 이름이 우리 조각과 콜론으로 시작하지 않습니다.";
            WrongIntegrity: "wrong-integrity", "RFC 8489 §9.1.3",
                "The message was not made with the password of this session.",
                "이 세션의 비밀번호로 만든 메시지가 아닙니다.";
            PriorityMissing: "priority-missing", "RFC 8445 §7.1.1",
                "A check has to say the priority of a peer-reflexive candidate; this one does not.",
                "검사에는 피어 반사 후보의 우선순위가 있어야 하지만 없습니다.";
            DataFromStranger: "data-from-stranger", "RFC 8445 §12.2",
                "Data came from an address that is in no pair.",
                "어떤 쌍에도 없는 주소에서 데이터가 왔습니다.";
            NothingPendingThere: "nothing-pending-there", "RFC 8445 §7.2.5.2.2",
                "Nothing waits for an answer from the address that the ICMP error names.",
                "ICMP 오류가 가리키는 주소의 응답을 기다리는 것이 없습니다.";

            // Roles (role.rs).
            RoleKept: "role-kept", "RFC 8445 §7.3.1.1",
                "Both sides have the same role, and the tie-breakers leave ours to us: 487.",
                "양쪽의 역할이 같고 타이브레이커에 따라 우리 역할을 유지합니다(487).";
            RoleSwitchedByRequest: "role-switched-by-request", "RFC 8445 §7.3.1.1",
                "Both sides have the same role, and the tie-breakers make us take the other one.",
                "양쪽의 역할이 같고 타이브레이커에 따라 우리가 역할을 바꿉니다.";
            RoleConflict: "role-conflict", "RFC 8445 §7.2.5.1",
                "The peer keeps its role, which is the one that our check claimed.",
                "상대가 우리 검사에서 주장한 것과 같은 자신의 역할을 유지합니다.";
            RoleSwitchedBy487: "role-switched-by-487", "RFC 8445 §7.2.5.1",
                "The peer answered 487, so the agent takes the other role and a new tie-breaker.",
                "상대가 487로 응답하여 역할을 바꾸고 새 타이브레이커를 씁니다.";
            CheckAgainInNewRole: "check-again-in-new-role", "RFC 8445 §7.2.5.1",
                "The pair whose check was refused is checked again in the new role.",
                "거절된 쌍을 새 역할로 다시 검사합니다.";
            PriorityByRole: "priority-by-role", "RFC 8445 §6.1.2.3",
                "The priority of a pair depends on the role.",
                "쌍의 우선순위는 역할에 따라 달라집니다.";

            // Nomination (nomination.rs).
            BestPossible: "best-possible", "RFC 8445 §8.1.1",
                "The pair is valid, and no better one can still succeed.",
                "이 쌍은 유효하며 더 좋은 쌍이 성공할 가능성이 없습니다.";
            WaitedLongEnough: "waited-long-enough", "RFC 8445 §8.1.1",
                "The pair is valid, and better ones have had their chance.",
                "이 쌍은 유효하며 더 좋은 쌍들을 충분히 기다렸습니다.";
            NominationConfirmed: "nomination-confirmed", "RFC 8445 §7.2.5.3.4",
                "The peer answered the check with USE-CANDIDATE, so the pair is nominated.",
                "USE-CANDIDATE가 담긴 검사에 상대가 응답하여 쌍이 지명되었습니다.";
            NominatedByPeer: "nominated-by-peer", "RFC 8445 §7.3.1.5",
                "The controlling peer nominated a pair whose check has succeeded.",
                "제어하는 상대가 이미 검사에 성공한 쌍을 지명했습니다.";
            NominationAwaitsCheck: "nomination-awaits-check", "RFC 8445 §7.3.1.5",
                "The controlling peer nominated the pair; it counts once our own check succeeds.",
                "제어하는 상대가 쌍을 지명했으며, 우리 검사가 성공하면 효력이 생깁니다.";
            NominationCompleted: "nomination-completed", "RFC 8445 §7.2.5.3.4",
                "Our check of the pair that the peer nominated has succeeded.",
                "상대가 지명한 쌍에 대한 우리 검사가 성공했습니다.";
            AnotherNominated: "another-nominated", "RFC 8445 §8.1.2",
                "A pair is nominated, so the others are not checked any further.",
                "한 쌍이 지명되어 나머지는 더 검사하지 않습니다.";
            PairSelected: "pair-selected", "RFC 8445 §8.1.1",
                "The nominated pair carries data from now on.",
                "이제부터 지명된 쌍으로 데이터를 주고받습니다.";
            NominatedAnew: "nominated-anew", "draft-thatcher-ice-renomination-01 §3",
                "The owner chose another valid pair, and both sides agreed that this needs no restart.",
                "소유자가 다른 유효한 쌍을 골랐으며, 재시작 없이 바꾸기로 양쪽이 합의했습니다.";
            NominatedFromSilence: "nominated-from-silence", "draft-thatcher-ice-renomination-01 §3",
                "The selected pair is silent, so the best other valid pair is nominated.",
                "선택된 쌍이 조용하여 다른 유효한 쌍 가운데 가장 좋은 것을 지명합니다.";
            NominationOutdated: "nomination-outdated", "draft-thatcher-ice-renomination-01 §3",
                "A newer nomination has been seen before this one.",
                "이보다 새로운 지명이 먼저 도착했습니다.";

            // The list and the connection as a whole (state.rs, keepalive.rs, restart.rs).
            ListCompleted: "list-completed", "RFC 8445 §8.1.2",
                "There is a nominated pair, so the check list is completed.",
                "지명된 쌍이 있으므로 검사 목록이 완료되었습니다.";
            EveryPairFailed: "every-pair-failed", "RFC 8445 §7.2.5.4",
                "Every pair has failed, and no candidate can come any more.",
                "모든 쌍이 실패했고 더 나올 후보도 없습니다.";
            NothingToPair: "nothing-to-pair", "RFC 8838 §8",
                "There is no pair, and no candidate can come any more.",
                "쌍이 하나도 없고 더 나올 후보도 없습니다.";
            ChecksBegin: "checks-begin", "RFC 8445 §6.1.4",
                "There are pairs to check, and the peer's credentials are known.",
                "검사할 쌍이 있고 상대의 자격 증명도 알고 있습니다.";
            NothingLeftToDo: "nothing-left-to-do", "RFC 8445 §8.1.2",
                "A pair is selected, and no candidate can come any more from either side.",
                "쌍이 선택되었고 양쪽 모두 더 나올 후보가 없습니다.";
            ListFailed: "list-failed", "RFC 8445 §8.1.2",
                "The check list has failed, and with it the connection.",
                "검사 목록이 실패하여 연결도 실패했습니다.";
            Keepalive: "keepalive", "RFC 8445 §11",
                "Nothing was sent on the selected pair for Tr, and NAT mappings must not expire.",
                "Tr 동안 선택된 쌍으로 보낸 것이 없어 NAT 매핑이 만료되지 않게 합니다.";
            ConsentCheck: "consent-check", "RFC 7675 §5.1",
                "The peer is asked every few seconds whether it still wants to be sent to.",
                "계속 받을 의사가 있는지 상대에게 몇 초마다 묻습니다.";
            ConsentGiven: "consent-given", "RFC 7675 §5.1",
                "The peer answered, so data may be sent to it for another 30 seconds.",
                "상대가 응답하여 앞으로 30초 동안 데이터를 보낼 수 있습니다.";
            ConsentUnanswered: "consent-unanswered", "RFC 7675 §5.1",
                "The consent check was not answered; another one is sent, not this one again.",
                "동의 확인에 응답이 없었습니다. 재전송하지 않고 새로 묻습니다.";
            ConsentExpired: "consent-expired", "RFC 7675 §5.1",
                "No consent check has been answered for 30 seconds, so nothing more is sent on the pair.",
                "30초 동안 동의 확인에 응답이 없어 이 쌍으로 더 보내지 않습니다.";
            ConsentRefused: "consent-refused", "RFC 7675 §5.2",
                "The peer answered the consent check with an error.",
                "상대가 동의 확인에 오류로 응답했습니다.";
            ConsentRevoked: "consent-revoked", "RFC 7675 §5.2",
                "The peer has ended the session above in an authenticated way, which ends its consent.",
                "상대가 인증된 방법으로 상위 세션을 끝내어 동의도 끝났습니다.";
            ConsentWithdrawn: "consent-withdrawn", "RFC 7675 §5.2",
                "The owner wants nothing more from the peer: its checks are answered with 403.",
                "소유자가 더 받지 않겠다고 하여 상대의 검사에 403으로 응답합니다.";
            PeerSilent: "peer-silent", "RFC 7675 §5.1",
                "A consent check stayed unanswered for five seconds and nothing else came, or the peer cannot be reached.",
                "동의 확인에 5초 동안 응답이 없고 다른 것도 오지 않았거나 상대에 도달할 수 없습니다.";
            PeerHeardAgain: "peer-heard-again", "RFC 8445 §11",
                "Something came from the peer again.",
                "상대에게서 다시 무언가가 도착했습니다.";
            Restarted: "ice-restart", "RFC 8445 §9",
                "The owner restarts ICE: everything but the role and the selected pair is flushed.",
                "소유자가 ICE를 재시작하여 역할과 선택된 쌍을 제외한 모든 상태를 비웁니다.";
            RestartAbandoned: "ice-restart-abandoned", "RFC 9429 §5.7",
                "The restart is taken back before the peer took part in it, so the session before it goes on.",
                "피어가 참여하기 전에 재시작을 취소하여 이전 세션이 이어집니다.";
            SessionOver: "session-over", "RFC 8445 §9",
                "The session that asked has been restarted or ended.",
                "요청한 세션이 재시작되었거나 끝났습니다.";
            ClosedByOwner: "closed-by-owner", "",
                "The owner has ended the agent.",
                "소유자가 에이전트를 종료했습니다.";
        } }
    };
}
