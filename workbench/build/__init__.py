"""From Rust source to wasm: the compiler, one cargo run, the queue of builds, and what a changed file concerns."""
