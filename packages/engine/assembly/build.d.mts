/** The compiled module of the kernels in assembly/, for plain memory or for memory that threads share. */
export function compileKernels(options: { threads: boolean }): Promise<Buffer>;
