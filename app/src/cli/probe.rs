//! `rtclab probe`: what NAT this machine is behind, and why that is believed.

use rtclab_lab::Language;
use rtclab_live::probe::{Finding, ProbeSettings, probe as ask};
use rtclab_live::resolve::resolve;
use rtclab_live::runtime::block_on;
use rtclab_rtc::behavior::Connectivity;
use rtclab_rtc::stun::Transport;

use super::Verdict;
use super::args::Format;
use super::fault::Fault;
use super::output::Output;
use super::servers::ProbeArgs;

pub(crate) fn probe(arguments: ProbeArgs, output: &Output) -> Result<Verdict, Fault> {
    if arguments.server.scheme.is_turn() || arguments.server.scheme.is_secure() {
        return Err(Fault::OtherScheme(arguments.server, "stun:HOST"));
    }
    let settings = ProbeSettings {
        local: arguments.local,
        fragments: arguments.fragments,
        lifetime: arguments.lifetime,
    };
    let text = arguments.format == Format::Text;
    let language = Language::from(arguments.language);
    let asking = async {
        let servers = resolve(&arguments.server, &[Transport::Udp]).await?;
        let fits = |address: &std::net::SocketAddr| {
            arguments.local.is_none_or(|local| local.is_ipv4() == address.is_ipv4())
        };
        let addresses = servers.iter().map(|server| server.address);
        let server = addresses.clone().find(fits).or(addresses.clone().next());
        let server = server.ok_or(Fault::OtherScheme(arguments.server.clone(), "stun:HOST"))?;
        // The tests take seconds: each verdict is told as soon as it is there.
        let progress = |finding: &Finding| {
            if text {
                let _ = output.print(&in_words(finding, language));
            }
        };
        Ok::<_, Fault>(ask(server, settings, progress).await?)
    };
    let report = block_on(asking).map_err(Fault::Runtime)??;
    if text {
        output.print(&format!("\n{report}"))?;
    } else {
        output.print(&format!("{}\n", report.to_json()))?;
    }
    let connectivity = report.behavior.connectivity.and_then(|verdict| verdict.value);
    let is_reached = connectivity.is_some_and(|value| value != Connectivity::Blocked);
    Ok(if is_reached { Verdict::AsExpected } else { Verdict::NotAsExpected })
}

fn in_words(finding: &Finding, language: Language) -> String {
    let why = match language {
        Language::English => finding.why,
        Language::Korean => finding.why_ko,
    };
    let answer = finding.answer.as_deref().unwrap_or("unknown");
    format!("{:13} {answer}\n{:13} {why} ({})\n", finding.question, "", finding.section)
}
