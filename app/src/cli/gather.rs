//! `rtclab gather`: the candidates of this machine, how long each took, and which servers gave none.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use rtclab_live::Trust;
use rtclab_live::gather::{GatherSettings, gather as ask};
use rtclab_live::resolve::resolve;
use rtclab_live::runtime::block_on;
use rtclab_rtc::ice::TurnServer;
use rtclab_rtc::stun::{ServerUri, Transport};

use super::Verdict;
use super::args::Format;
use super::fault::Fault;
use super::output::Output;
use super::servers::{AskedArgs, GatherArgs};

pub(crate) fn gather(arguments: GatherArgs, output: &Output) -> Result<Verdict, Fault> {
    let gathering = block_on(asking(&arguments)).map_err(Fault::Runtime)??;
    match arguments.format {
        Format::Text => output.print(&gathering.to_string())?,
        Format::Json => output.print(&format!("{}\n", gathering.to_json()))?,
    }
    Ok(if gathering.errors.is_empty() { Verdict::AsExpected } else { Verdict::NotAsExpected })
}

async fn asking(arguments: &GatherArgs) -> Result<rtclab_live::gather::Gathering, Fault> {
    let (stun, turn, trust) = servers_of(&arguments.asked).await?;
    let patience = Duration::from_secs(arguments.timeout.into());
    let settings = GatherSettings { choice: arguments.interfaces.into(), stun, turn, trust, patience };
    Ok(ask(&settings).await?)
}

/// The addresses of STUN servers; TURN servers with the account on them; and whom to believe within TLS.
type Asked = (Vec<SocketAddr>, Vec<TurnServer>, Option<Trust>);

/// Where the servers are, each of its kind.
pub(crate) async fn servers_of(asked: &AskedArgs) -> Result<Asked, Fault> {
    let AskedArgs { stun, turn, trust, user, password } = asked;
    if let Some(uri) = stun.iter().find(|uri| uri.scheme.is_turn()) {
        return Err(Fault::OtherScheme(uri.clone(), "stun:HOST"));
    }
    if let Some(uri) = turn.iter().find(|uri| !uri.scheme.is_turn()) {
        return Err(Fault::OtherScheme(uri.clone(), "turn:HOST"));
    }
    let (mut reflectors, mut relays) = (Vec::new(), Vec::new());
    for uri in stun {
        reflectors.extend(resolve(uri, &[Transport::Udp]).await?.into_iter().map(|server| server.address));
    }
    for uri in turn {
        let (Some(username), Some(password)) = (user, password) else {
            return Err(Fault::NoAccount(uri.clone()));
        };
        relays.extend(resolve(uri, spoken(uri)).await?.into_iter().map(|server| {
            let relay = TurnServer::new(server.address, username, password).over(server.transport);
            match server.name {
                Some(name) => relay.named(name),
                None => relay,
            }
        }));
    }
    let encrypted = relays.iter().any(|server| server.transport.is_encrypted());
    Ok((reflectors, relays, trust_for(encrypted, trust)?))
}

/// How a server is asked: as the URI says, and over UDP if it says nothing. `turns:` and `stuns:` are TLS; DTLS is not spoken here.
pub(crate) fn spoken(uri: &ServerUri) -> &'static [Transport] {
    match (uri.scheme.is_secure(), uri.transport) {
        (true, _) => &[Transport::Tls],
        (false, Some(Transport::Tcp)) => &[Transport::Tcp],
        (false, _) => &[Transport::Udp],
    }
}

/// Whose certificates are believed, if that is a question at all: those of the file, else those of this machine.
pub(crate) fn trust_for(encrypted: bool, roots: &Option<PathBuf>) -> Result<Option<Trust>, Fault> {
    if !encrypted {
        return Ok(None);
    }
    let trust = match roots {
        Some(path) => {
            let roots = fs::read(path).map_err(Fault::unreadable(path))?;
            Trust::only(&roots).map_err(|error| Fault::Trust { path: path.clone(), error })?
        }
        None => Trust::of_system().map_err(Fault::NoTrust)?,
    };
    Ok(Some(trust))
}
