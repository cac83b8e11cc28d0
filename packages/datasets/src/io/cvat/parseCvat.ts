import type { ImageSize } from '@roikit/geometry';
import { XMLParser } from 'fast-xml-parser';
import { SampleError } from '../../types';
import type { AnnotatedObject } from '../annotations';
import { parseXml } from '../xml/parseXml';
import { shapeBox } from './shapeBox';

export interface CvatImage {
  /** The picture's name as CVAT has it, a path where there are folders. */
  name: string;
  subset?: string;
  size?: ImageSize;
  objects: AnnotatedObject[];
}

export interface CvatFile {
  /** Labels of the task, in its order; those of the objects where it lists none. */
  classes: string[];
  images: CvatImage[];
  problems: SampleError[];
}

const cure = "export 'CVAT for images 1.1'";
const shapes = ['box', 'polygon', 'polyline', 'points', 'ellipse', 'cuboid', 'mask', 'skeleton'];

const parser = new XMLParser({
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  htmlEntities: true,
  isArray: (name) => ['image', 'label', ...shapes].includes(name),
});

/** Parses a 'CVAT for images' file; every shape with an extent becomes the box around it. */
export function parseCvat(xml: string, file: string): CvatFile {
  const parsed = parseXml(parser, xml);
  if ('fault' in parsed) throw notCvat(file, parsed.fault);
  const root = child(parsed.content, 'annotations');
  if (root === undefined) throw notCvat(file, 'has no <annotations>');
  if (child(root, 'track') !== undefined) {
    throw new SampleError(file, { what: "the file is of a 'CVAT for video' export (<track>)", cure });
  }
  const problems: SampleError[] = [];
  const images: CvatImage[] = [];
  for (const [i, node] of listOf(root, 'image').entries()) {
    const name = attribute(node, 'name');
    if (name === undefined) problems.push(namelessImage(file, i + 1));
    else
      images.push({
        name,
        subset: attribute(node, 'subset'),
        size: sizeOf(node),
        objects: objectsOf(node, { name, file, problems }),
      });
  }
  const listed = ['task', 'project', 'job'].flatMap((kind) => labelsOf(child(child(root, 'meta'), kind)));
  const used = images.flatMap(({ objects }) => objects.map(({ name }) => name));
  return { classes: [...new Set([...listed, ...used.toSorted()])], images, problems };
}

function objectsOf(
  image: unknown,
  { name, file, problems }: { name: string; file: string; problems: SampleError[] },
): AnnotatedObject[] {
  const objects: AnnotatedObject[] = [];
  for (const kind of shapes) {
    for (const [i, shape] of listOf(image, kind).entries()) {
      const label = attribute(shape, 'label');
      const box = shapeBox(kind, (key) => attribute(shape, key));
      if (label === undefined)
        problems.push(badShape(file, { name, shape: `${kind} ${i + 1}`, fault: 'has no label' }));
      else if (typeof box === 'string')
        problems.push(badShape(file, { name, shape: `${kind} ${i + 1} ('${label}')`, fault: box }));
      else objects.push({ name: label, box, written: `[${box.join(', ')}]` });
    }
  }
  return objects;
}

/** Labels of a task; in a skeleton's own the parts are labels too, which have a <parent>. */
function labelsOf(node: unknown): string[] {
  const labels = listOf(child(node, 'labels'), 'label').filter(
    (label) => child(label, 'parent') === undefined,
  );
  return labels.map((label) => textOf(child(label, 'name'))).filter((name) => name !== undefined);
}

function sizeOf(image: unknown): ImageSize | undefined {
  const size = { width: Number(attribute(image, 'width')), height: Number(attribute(image, 'height')) };
  return size.width > 0 && size.height > 0 ? size : undefined;
}

function child(node: unknown, name: string): unknown {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return undefined;
  return (node as Record<string, unknown>)[name];
}

function listOf(node: unknown, name: string): unknown[] {
  const value = child(node, name);
  return Array.isArray(value) ? value : [];
}

function attribute(node: unknown, name: string): string | undefined {
  const text = textOf(child(node, `@${name}`));
  return text === '' ? undefined : text;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() : undefined;
}

function badShape(
  file: string,
  { name, shape, fault }: { name: string; shape: string; fault: string },
): SampleError {
  return new SampleError(file, {
    what: `${shape} of image '${name}' ${fault}, object skipped`,
    cure: 'correct or delete that shape',
    kind: 'object',
  });
}

function namelessImage(file: string, number: number): SampleError {
  return new SampleError(file, {
    what: `image ${number} has no name, sample skipped`,
    cure: 'export it again',
  });
}

function notCvat(file: string, fault: string): SampleError {
  return new SampleError(file, { what: `the file ${fault}`, cure });
}
