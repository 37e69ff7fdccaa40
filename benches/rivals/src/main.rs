//! `rivals NAME IN OUT`: takes the article out of every page of the folder IN with the crate called NAME, on one thread,
//! and writes it to the folder OUT, as `chaffinch IN --out OUT --jobs 1` does with dumps.

use std::error::Error;
use std::fs;
use std::path::Path;

use dom_smoothie::Readability;

type Extract = fn(&str) -> Result<String, Box<dyn Error>>;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [name, from, to] = args.as_slice() else { return Err("usage: rivals NAME IN OUT".into()) };
    let extract: Extract = match name.as_str() {
        "dom_smoothie" => |html| Ok(Readability::new(html, None, None)?.parse()?.text_content.to_string()),
        "rs-trafilatura" => |html| Ok(rs_trafilatura::extract(html)?.content_text),
        _ => return Err(format!("no rival is called {name}").into()),
    };
    fs::create_dir_all(to)?;
    let (mut done, mut failed) = (0, 0);
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        match extract(&fs::read_to_string(&path)?) {
            Ok(text) => {
                fs::write(Path::new(to).join(path.file_name().unwrap_or_default()), text)?;
                done += 1;
            }
            // A page that is too short to be an article for it.
            Err(_) => failed += 1,
        }
    }
    eprintln!("{done} pages, {failed} without an article");
    Ok(())
}
