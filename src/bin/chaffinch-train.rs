//! Training of the model; `model/train.py` runs it. Built with `--features train` only.

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    chaffinch::train::main(&args)
}
