//! `rtclab serve stun`, `rtclab serve turn` and `rtclab serve peer`: on real sockets, until Ctrl-C.

use std::fmt::Display;
use std::fs;

use rtclab_live::runtime::{block_on, stop_signal};
use rtclab_live::serve::{PeerService, PeerSettings, Settings, StunService, TurnService};

use super::Verdict;
use super::args::Format;
use super::fault::Fault;
use super::gather::servers_of;
use super::output::Output;
use super::servers::{PeerArgs, PlaceArgs, ServeArgs, Service};

pub(crate) fn serve(arguments: ServeArgs, output: &Output) -> Result<Verdict, Fault> {
    match arguments.service {
        Service::Stun(arguments) => {
            let flags = Settings { other: arguments.other, ..Settings::default() };
            let (settings, format) = settings(arguments.place, flags)?;
            let serving = async {
                let service = StunService::start(&settings)?;
                service.run(stop_signal(), |note| tell(output, format, note, note.to_json())).await;
                Ok::<(), Fault>(())
            };
            block_on(serving).map_err(Fault::Runtime)??;
        }
        Service::Turn(arguments) => {
            let flags = Settings {
                realm: arguments.realm,
                user: arguments.user,
                relay_address: arguments.relay_address,
                relay_ports: arguments.relay_ports,
                allow_peer: arguments.allow_peer,
                deny_peer: arguments.deny_peer,
                ..Settings::default()
            };
            let (settings, format) = settings(arguments.place, flags)?;
            let serving = async {
                let service = TurnService::start(&settings)?;
                service.run(stop_signal(), |note| tell(output, format, note, note.to_json())).await;
                Ok::<(), Fault>(())
            };
            block_on(serving).map_err(Fault::Runtime)??;
        }
        Service::Peer(arguments) => {
            let format = arguments.format;
            let serving = async {
                let service = PeerService::start(peer_settings(arguments).await?)?;
                service.run(stop_signal(), |note| tell(output, format, note, note.to_json())).await;
                Ok::<(), Fault>(())
            };
            block_on(serving).map_err(Fault::Runtime)??;
        }
    }
    Ok(Verdict::AsExpected)
}

/// What the options say; names of servers are looked up.
async fn peer_settings(arguments: PeerArgs) -> Result<PeerSettings, Fault> {
    let (stun, turn, trust) = servers_of(&arguments.asked).await?;
    Ok(PeerSettings {
        listen: arguments.listen,
        interfaces: arguments.interfaces.into(),
        stun,
        turn,
        trust,
        profile: arguments.profile.into(),
        versions: arguments.dtls.into(),
        post_quantum: arguments.post_quantum,
        offers: arguments.offer,
        polite: !arguments.impolite,
        page: None,
    })
}

/// What the file says, and the options before it.
fn settings(place: PlaceArgs, flags: Settings) -> Result<(Settings, Format), Fault> {
    let file = match place.config {
        None => Settings::default(),
        Some(path) => {
            let text = fs::read_to_string(&path).map_err(Fault::unreadable(&path))?;
            Settings::from_toml(&text).map_err(|error| Fault::Settings { path, error })?
        }
    };
    Ok((file.with(Settings { listen: place.listen, ..flags }), place.format))
}

fn tell(output: &Output, format: Format, note: &impl Display, json: String) {
    let line = match format {
        Format::Text => format!("{note}\n"),
        Format::Json => format!("{json}\n"),
    };
    // A server serves on when nobody reads what it tells.
    let _ = output.print(&line);
}
