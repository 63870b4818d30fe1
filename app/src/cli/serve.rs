//! `rtclab serve stun` and `rtclab serve turn`: servers on real sockets, until Ctrl-C.

use std::fs;

use rtclab_live::runtime::{block_on, stop_signal};
use rtclab_live::serve::{Note, Settings, StunService, TurnService};

use super::Verdict;
use super::args::Format;
use super::fault::Fault;
use super::output::Output;
use super::servers::{PlaceArgs, ServeArgs, Service};

pub(crate) fn serve(arguments: ServeArgs, output: &Output) -> Result<Verdict, Fault> {
    match arguments.service {
        Service::Stun(arguments) => {
            let flags = Settings { other: arguments.other, ..Settings::default() };
            let (settings, format) = settings(arguments.place, flags)?;
            let serving = async {
                let service = StunService::start(&settings)?;
                service.run(stop_signal(), |note| tell(output, format, note)).await;
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
                service.run(stop_signal(), |note| tell(output, format, note)).await;
                Ok::<(), Fault>(())
            };
            block_on(serving).map_err(Fault::Runtime)??;
        }
    }
    Ok(Verdict::AsExpected)
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

fn tell(output: &Output, format: Format, note: &Note) {
    let line = match format {
        Format::Text => format!("{note}\n"),
        Format::Json => format!("{}\n", note.to_json()),
    };
    // A server serves on when nobody reads what it tells.
    let _ = output.print(&line);
}
