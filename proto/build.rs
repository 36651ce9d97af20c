//! Generates messages and services from `goldsmith/**.proto` without a `protoc` on the machine.

const FILES: [&str; 6] = [
    "goldsmith/cluster/v1/failure.proto",
    "goldsmith/cluster/v1/membership.proto",
    "goldsmith/control/v1/coordinator.proto",
    "goldsmith/lake/v1/delta_read.proto",
    "goldsmith/lake/v1/staged_file.proto",
    "goldsmith/plan/v1/nodes.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=goldsmith");
    tonic_prost_build::configure().compile_fds(protox::compile(FILES, ["."])?)?;
    Ok(())
}
