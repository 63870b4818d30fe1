//! `rtclab schema`: the JSON Schema of scenario documents, for editors.

use rtclab_lab::document;

use super::Verdict;
use super::fault::Fault;
use super::output::Output;

pub(crate) fn schema(output: &Output) -> Result<Verdict, Fault> {
    // Indented, with `#` on the alternate form: people read schemas too.
    output.print(&format!("{:#}\n", document::schema()))?;
    Ok(Verdict::AsExpected)
}
