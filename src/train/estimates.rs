//! What the parts of the cross-validated models say of every row, one after the other: `model/cases.py` tells from it
//! what each part is worth where classifying is hard.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::{load, write_rows};
use crate::classify::Mode;
use crate::classify::sheet::Builder;
use crate::features::Sheet;
use crate::features::core::Core;
use crate::features::ngrams::KEEP;
use crate::model::{Model, net};
use crate::seeds::Seeds;

/// Writes `estimates.i32`: for every row of `rows.bin` (written anew) the logits, in 1/256, of the linear part, the first
/// trees, the second trees, the net, and all put together, by the model `fold-N.model` that has not seen its page.
pub(super) fn write(shared: &Path, work: &Path, most: u32) -> Result<()> {
    let documents = load(shared, most)?;
    write_rows(&documents, work)?;
    let models = (0..5)
        .map(|fold| {
            let path = work.join(format!("fold-{fold}.model"));
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            Ok(Model::from_bytes(bytes)?)
        })
        .collect::<Result<Vec<_>>>()?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(work.join("estimates.i32"))?);
    let (mut builder, mut sheet, mut core) =
        (Builder::new(Arc::new(Seeds::built_in())), Sheet::default(), Core::default());
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let (mut buffers, mut sequence) = (net::Buffers::default(), net::Outputs::default());
    for document in &documents {
        let model = &models[document.fold as usize];
        builder.start();
        builder.read(&document.page, 0..document.page.len(), &mut sheet, 0);
        builder.fill(&mut sheet, &model.linear, &model.types, Mode::Auto);
        model.first.score(&sheet, &mut first);
        sheet.rows.iter_mut().zip(&first).for_each(|(row, logit)| row.logit = *logit);
        core.fill(&mut sheet);
        model.second.score(&sheet, &mut second);
        model.net.score(&sheet, &mut buffers, &mut sequence);
        for (r, row) in sheet.rows.iter().enumerate() {
            let net = sequence.of(0)[r];
            for value in [row.linear[KEEP], first[r], second[r], net, model.blend.keep(second[r], net)] {
                out.write_all(&value.to_le_bytes())?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
