# Debug builds have line tables: a trap names its line.
set -e
case "$WORKBENCH_PROFILE" in
    release) mode=ReleaseSmall ;;
    *) mode=Debug ;;
esac
zig build-exe counter.zig -target wasm32-freestanding -mcpu=mvp -fno-entry -rdynamic -O "$mode" -femit-bin=in_zig.wasm
