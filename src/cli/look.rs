//! Opening the one document that somebody wants to look at.

use std::io::{Cursor, Read};

use anyhow::{Result, bail};
use chaffinch::decode::encoding_for_name;
use chaffinch::formats::{Editing, Record, find};
use chaffinch::{Classifier, Cleaner, Document, Error};

use super::config::{Judging, Look};
use super::input::Opened;
use super::records;

impl Look {
    /// What messages call it.
    pub(crate) fn shown(&self) -> String {
        match self.record {
            Some(number) => format!("{}:{number}", self.input.shown()),
            None => self.input.shown(),
        }
    }

    /// Opens it, and makes a cleaner for it.
    pub(crate) fn open(
        &self,
        classifier: &Classifier,
        judging: &Judging,
    ) -> Result<(Box<dyn Read + Send>, Document, Cleaner<Classifier>)> {
        let format = self.formats.of(&self.input);
        let Opened { reader, document, .. } = self.input.open_as(format.compression)?;
        let Some(number) = self.record else {
            return Ok((reader, document, super::cleaner(classifier, judging)));
        };
        let mut editing = Editing::default();
        editing.layout = format.layout;
        editing.name = document.name;
        editing.path = document.path;
        editing.text_field.clone_from(&self.formats.text_field);
        let mut records = records::records(format.layout, &self.formats, reader, judging);
        match find(&mut records, number, &editing).map_err(Error::Read)? {
            Record::Text(document, text) => {
                let mut options = judging.options;
                options.encoding = Some(encoding_for_name("utf-8")?);
                Ok((Box::new(Cursor::new(text)), document, Cleaner::new(classifier.clone(), &options)))
            }
            Record::Bad(why) => bail!("{why}"),
            Record::None(last) => bail!("there is no such record; the last one is {last}"),
            _ => bail!("there is no text to clean in this record"),
        }
    }
}
