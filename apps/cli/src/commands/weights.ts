import { atomicWrite } from '@roikit/training/node';
import { writeSafetensors, type StateDict, type StateTensor } from '@roikit/weights';
import { Command, Option } from 'commander';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { localFile } from '../download/localFile';
import { UsageError, UserError } from '../errors';
import { count, fileSize } from '../format';
import { shared } from '../options';
import { interruptible } from '../terminal/interrupt';
import { print, warn } from '../terminal/print';
import { table } from '../terminal/table';
import { readWeights } from '../weights/readWeights';

export function weightsCommand(): Command {
  const file = 'safetensors, .pth, .h5, a TensorFlow.js model.json, or hf:owner/name[/file]';
  const inspectCommand = new Command('inspect')
    .description('list the tensors of a weights file')
    .argument('<file>', file)
    .addOption(shared.json())
    .action(inspect);
  const convertCommand = new Command('convert')
    .description('write weights of any format as safetensors')
    .argument('<in>', file)
    .argument('<out>', 'a new file that ends in .safetensors')
    .addOption(
      new Option('--dtype <name>', 'type of every floating-point tensor')
        .choices(['float32', 'float16'])
        .default('float32'),
    )
    .addOption(shared.json())
    .action(convert);
  return new Command('weights').addCommand(inspectCommand).addCommand(convertCommand);
}

/** What training measures and does not learn: PyTorch's and Keras's names of a batch norm's statistics. */
const STATISTIC = /(?:^|[./_])(?:running_mean|running_var|num_batches_tracked|moving_mean|moving_variance)$/;

const sizeOf = ({ shape }: StateTensor): number => shape.reduce((product, side) => product * side, 1);

interface Counts {
  parameters: number;
  /** Values of batch norms that training measures and does not learn. */
  statistics: number;
}

function countValues(stateDict: StateDict): Counts {
  const counts = { parameters: 0, statistics: 0 };
  for (const [name, tensor] of stateDict) {
    counts[STATISTIC.test(name) ? 'statistics' : 'parameters'] += sizeOf(tensor);
  }
  return counts;
}

async function read(name: string): Promise<{ stateDict: StateDict; bytes: number }> {
  return interruptible(async (signal) => {
    const stateDict = await readWeights(name, { signal });
    return { stateDict, bytes: (await stat(await localFile(name))).size };
  });
}

async function inspect(name: string, { json }: { json?: boolean }): Promise<void> {
  const { stateDict, bytes } = await read(name);
  const tensors = [...stateDict].map(([key, { dtype, shape }]) => ({ name: key, dtype, shape }));
  const counts = countValues(stateDict);
  if (json) return print(JSON.stringify({ file: name, bytes, ...counts, tensors }, null, 2));
  const columns = [{ title: 'name' }, { title: 'dtype' }, { title: 'shape' }];
  const rows = [...stateDict].map(([key, tensor]) => [
    key,
    tensor.dtype,
    tensor.shape.join(' × ') || 'scalar',
    sizeOf(tensor).toLocaleString('en'),
  ]);
  print(table([...columns, { title: 'values', align: 'right' }], rows));
  print(`\n${summaryLine(stateDict)}, ${fileSize(bytes)}`);
}

function summaryLine(stateDict: StateDict): string {
  const { parameters, statistics } = countValues(stateDict);
  const measured = statistics > 0 ? ` and ${statistics.toLocaleString('en')} batch norm statistics` : '';
  return `${count(stateDict.size, 'tensor')}, ${count(parameters, 'parameter')}${measured}`;
}

interface ConvertOptions {
  dtype: 'float32' | 'float16';
  json?: boolean;
}

async function convert(name: string, out: string, { dtype, json }: ConvertOptions): Promise<void> {
  if (!out.endsWith('.safetensors')) {
    throw new UsageError(`${out}: only safetensors are written; give a name that ends in .safetensors`);
  }
  if (existsSync(out)) throw new UserError(`${out}: there is such a file already; choose another name`);
  const { stateDict, bytes } = await read(name);
  if (dtype === 'float16') warnOfOverflow(stateDict);
  const written = writeSafetensors(stateDict, { dtype });
  await atomicWrite(out, written);
  if (json)
    return print(
      JSON.stringify({ file: out, bytes: written.length, dtype, ...countValues(stateDict) }, null, 2),
    );
  print(`${out}: ${summaryLine(stateDict)}, ${fileSize(written.length)} (${name}: ${fileSize(bytes)})`);
}

/** The largest finite number of float16. */
const LARGEST_FLOAT16 = 65504;

function warnOfOverflow(stateDict: StateDict): void {
  for (const [name, { data }] of stateDict) {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    let beyond = 0;
    for (const value of data) if (overflows(value)) beyond++;
    if (beyond > 0) warn(`${name}: ${count(beyond, 'value')} beyond ±${LARGEST_FLOAT16} became infinite`);
  }
}

const overflows = (value: number): boolean => Number.isFinite(value) && Math.abs(value) > LARGEST_FLOAT16;
