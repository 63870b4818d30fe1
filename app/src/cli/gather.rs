//! `rtclab gather`: the candidates of this machine, how long each took, and which servers gave none.

use std::time::Duration;

use rtclab_live::gather::{GatherSettings, gather as ask};
use rtclab_live::resolve::resolve;
use rtclab_live::runtime::block_on;
use rtclab_rtc::ice::TurnServer;
use rtclab_rtc::stun::Transport;

use super::Verdict;
use super::args::Format;
use super::fault::Fault;
use super::output::Output;
use super::servers::GatherArgs;

pub(crate) fn gather(arguments: GatherArgs, output: &Output) -> Result<Verdict, Fault> {
    if let Some(uri) = arguments.stun.iter().find(|uri| uri.scheme.is_turn()) {
        return Err(Fault::OtherScheme(uri.clone(), "stun:HOST"));
    }
    if let Some(uri) = arguments.turn.iter().find(|uri| !uri.scheme.is_turn()) {
        return Err(Fault::OtherScheme(uri.clone(), "turn:HOST"));
    }
    let gathering = block_on(asking(&arguments)).map_err(Fault::Runtime)??;
    match arguments.format {
        Format::Text => output.print(&gathering.to_string())?,
        Format::Json => output.print(&format!("{}\n", gathering.to_json()))?,
    }
    Ok(if gathering.errors.is_empty() { Verdict::AsExpected } else { Verdict::NotAsExpected })
}

async fn asking(arguments: &GatherArgs) -> Result<rtclab_live::gather::Gathering, Fault> {
    let (mut stun, mut turn) = (Vec::new(), Vec::new());
    for uri in &arguments.stun {
        stun.extend(resolve(uri, &[Transport::Udp]).await?.into_iter().map(|server| server.address));
    }
    for uri in &arguments.turn {
        let (Some(username), Some(password)) = (&arguments.user, &arguments.password) else {
            return Err(Fault::NoAccount(uri.clone()));
        };
        let servers = resolve(uri, &[Transport::Udp]).await?;
        turn.extend(servers.into_iter().map(|server| TurnServer {
            address: server.address,
            username: username.clone(),
            password: password.clone(),
        }));
    }
    let patience = Duration::from_secs(arguments.timeout.into());
    let settings = GatherSettings { choice: arguments.interfaces.into(), stun, turn, patience };
    Ok(ask(&settings).await?)
}
