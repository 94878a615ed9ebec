# With any clang that knows wasm32 and has wasm-ld beside it: CC=clang sh build.sh
set -e
case "$WORKBENCH_PROFILE" in
    release) flags="-Os" ;;
    *) flags="-O1 -g" ;; # line tables: a trap names its line
esac
${CC:-zig cc} --target=wasm32-freestanding -mcpu=mvp -nostdlib -fno-builtin $flags \
    -Wl,--no-entry -Wl,--export-memory -o in_c.wasm counter.c
