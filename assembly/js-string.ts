// What the engine asks of JavaScript's strings: calls that runtimes from Node 22 on have built in, where they
// compile to loads from the string (https://github.com/WebAssembly/js-string-builtins). Elsewhere nothing makes
// them (src/engine/module.ts).
//
// Why a file that is neither linted nor formatted: only a decorator can name the module that the calls come
// from, and the linter's parser has none on functions.

/** Traps where the index is past the end. */
@external('wasm:js-string', 'charCodeAt')
export declare function charCodeAt(text: externref, index: u32): u32
