//! Generates the message types from `goldsmith/**.proto` without a `protoc` on the machine.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=goldsmith");
    let files = protox::compile(
        ["goldsmith/lake/v1/delta_read.proto", "goldsmith/lake/v1/staged_file.proto"],
        ["."],
    )?;
    prost_build::Config::new().compile_fds(files)?;
    Ok(())
}
