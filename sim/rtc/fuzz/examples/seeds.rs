//! Writes the seeds of each target into `corpus/TARGET`, where the fuzzer begins: `cargo run --example seeds`. Files that are there stay.

use std::fs;
use std::io;
use std::path::Path;

use rtclab_rtc_fuzz::targets::{ALL, Target};

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for Target { name, seeds, .. } in ALL {
        let folder = corpus.join(name);
        let seeds = seeds();
        fs::create_dir_all(&folder)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:02}")), seed)?;
        }
        println!("{name}: {} seeds", seeds.len());
    }
    Ok(())
}
