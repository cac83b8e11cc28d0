/** The compiled module of the kernels in assembly/. */
export function compileKernels(): Promise<Buffer>;
