//! `rtclab gather`: the candidates of this machine, how long each took, and which servers gave none.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_live::gather::{GatherSettings, gather as ask};
use rtclab_live::resolve::resolve;
use rtclab_live::runtime::block_on;
use rtclab_rtc::ice::TurnServer;
use rtclab_rtc::stun::{ServerUri, Transport};

use super::Verdict;
use super::args::Format;
use super::fault::Fault;
use super::output::Output;
use super::servers::GatherArgs;

pub(crate) fn gather(arguments: GatherArgs, output: &Output) -> Result<Verdict, Fault> {
    let gathering = block_on(asking(&arguments)).map_err(Fault::Runtime)??;
    match arguments.format {
        Format::Text => output.print(&gathering.to_string())?,
        Format::Json => output.print(&format!("{}\n", gathering.to_json()))?,
    }
    Ok(if gathering.errors.is_empty() { Verdict::AsExpected } else { Verdict::NotAsExpected })
}

async fn asking(arguments: &GatherArgs) -> Result<rtclab_live::gather::Gathering, Fault> {
    let account = (arguments.user.as_deref(), arguments.password.as_deref());
    let (stun, turn) = servers_of(&arguments.stun, &arguments.turn, account).await?;
    let patience = Duration::from_secs(arguments.timeout.into());
    let settings = GatherSettings { choice: arguments.interfaces.into(), stun, turn, patience };
    Ok(ask(&settings).await?)
}

/// The addresses of servers, each of its kind; TURN servers with the account on them.
pub(crate) async fn servers_of(
    stun: &[ServerUri],
    turn: &[ServerUri],
    account: (Option<&str>, Option<&str>),
) -> Result<(Vec<SocketAddr>, Vec<TurnServer>), Fault> {
    if let Some(uri) = stun.iter().find(|uri| uri.scheme.is_turn()) {
        return Err(Fault::OtherScheme(uri.clone(), "stun:HOST"));
    }
    if let Some(uri) = turn.iter().find(|uri| !uri.scheme.is_turn()) {
        return Err(Fault::OtherScheme(uri.clone(), "turn:HOST"));
    }
    let (mut asked, mut relays) = (Vec::new(), Vec::new());
    for uri in stun {
        asked.extend(resolve(uri, &[Transport::Udp]).await?.into_iter().map(|server| server.address));
    }
    for uri in turn {
        let (Some(username), Some(password)) = account else {
            return Err(Fault::NoAccount(uri.clone()));
        };
        let found = resolve(uri, &[Transport::Udp]).await?;
        relays.extend(found.into_iter().map(|server| TurnServer {
            address: server.address,
            username: username.to_owned(),
            password: password.to_owned(),
        }));
    }
    Ok((asked, relays))
}
