//! `rtclab probe`: what NAT this machine is behind, and why that is believed.

use std::net::SocketAddr;

use rtclab_lab::Language;
use rtclab_live::probe::{Finding, ProbeSettings, StreamServer, probe as ask, probe_stream};
use rtclab_live::resolve::resolve;
use rtclab_live::runtime::block_on;
use rtclab_rtc::behavior::Connectivity;
use rtclab_rtc::stun::{ServerAddress, Transport};

use super::Verdict;
use super::args::Format;
use super::fault::Fault;
use super::gather::trust_for;
use super::output::Output;
use super::servers::ProbeArgs;

pub(crate) fn probe(arguments: ProbeArgs, output: &Output) -> Result<Verdict, Fault> {
    if arguments.server.scheme.is_turn() {
        return Err(Fault::OtherScheme(arguments.server, "stun:HOST or stuns:HOST"));
    }
    if arguments.tcp || arguments.server.scheme.is_secure() {
        return over_stream(&arguments, output);
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

/// One question over a connection, since there is no more to ask over one.
fn over_stream(arguments: &ProbeArgs, output: &Output) -> Result<Verdict, Fault> {
    let secure = arguments.server.scheme.is_secure();
    let transport = if secure { Transport::Tls } else { Transport::Tcp };
    let asking = async {
        let servers = resolve(&arguments.server, &[transport]).await?;
        let fits = |found: &&ServerAddress| {
            arguments.local.is_none_or(|local| local.is_ipv4() == found.address.is_ipv4())
        };
        let found = servers.iter().find(fits).or(servers.first());
        let found = found.ok_or(Fault::OtherScheme(arguments.server.clone(), "stun:HOST"))?;
        let trust = trust_for(secure, &arguments.trust)?;
        let local = arguments.local.map(|local| SocketAddr::new(local, 0));
        let server = StreamServer { address: found.address, name: found.name.clone(), local, trust };
        Ok::<_, Fault>(probe_stream(server).await?)
    };
    let report = block_on(asking).map_err(Fault::Runtime)??;
    match arguments.format {
        Format::Text => output.print(&report.to_string())?,
        Format::Json => output.print(&format!("{}\n", report.to_json()))?,
    }
    Ok(if report.mapped.is_some() { Verdict::AsExpected } else { Verdict::NotAsExpected })
}

fn in_words(finding: &Finding, language: Language) -> String {
    let why = match language {
        Language::English => finding.why,
        Language::Korean => finding.why_ko,
    };
    let answer = finding.answer.as_deref().unwrap_or("unknown");
    format!("{:13} {answer}\n{:13} {why} ({})\n", finding.question, "", finding.section)
}
