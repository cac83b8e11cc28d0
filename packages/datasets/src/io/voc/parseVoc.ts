import type { ImageSize } from '@roikit/geometry';
import { XMLParser } from 'fast-xml-parser';
import { SampleError } from '../../types';
import type { AnnotatedObject } from '../annotations';
import { parseXml } from '../xml/parseXml';

export interface VocAnnotation {
  filename?: string;
  /** Path of the picture where the file was made. */
  path?: string;
  /** Absent where the file has none, or 0 × 0 as some tools write. */
  size?: ImageSize;
  objects: AnnotatedObject[];
  /** Objects that can't be used. */
  problems: SampleError[];
}

/** A node with text is a string, one with children a record; which of them the file's author decides. */
type XmlNode = string | { [name: string]: XmlNode } | XmlNode[] | undefined;

// Text stays text: a class may be called '1' or '1e5'.
const parser = new XMLParser({
  parseTagValue: false,
  ignoreAttributes: true,
  removeNSPrefix: true,
  htmlEntities: true,
  isArray: (_name, path) => path === 'annotation.object',
});

/** Parses one VOC annotation; `file` is named in the SampleError that anything unreadable throws. */
export function parseVoc(xml: string, file: string): VocAnnotation {
  const parsed = parseXml(parser, xml);
  if ('fault' in parsed) throw malformed(file, parsed.fault);
  const annotation = child(parsed.content as XmlNode, 'annotation');
  if (annotation === undefined) throw malformed(file, 'has no <annotation>');
  const nodes = child(annotation, 'object');
  const objects: AnnotatedObject[] = [];
  const problems: SampleError[] = [];
  for (const [i, node] of (Array.isArray(nodes) ? nodes : []).entries()) {
    const object = parseObject(node);
    if (typeof object === 'string') problems.push(badObject(file, { number: i + 1, fault: object }));
    else objects.push(object);
  }
  return {
    filename: text(child(annotation, 'filename')),
    path: text(child(annotation, 'path')),
    size: parseSize(child(annotation, 'size')),
    objects,
    problems,
  };
}

function parseSize(node: XmlNode): ImageSize | undefined {
  const width = Number(text(child(node, 'width')));
  const height = Number(text(child(node, 'height')));
  return width > 0 && height > 0 ? { width, height } : undefined;
}

/** The object, or what is wrong with it. */
function parseObject(node: XmlNode): AnnotatedObject | string {
  const name = text(child(node, 'name'));
  if (!name) return 'has no <name>';
  const corners = child(node, 'bndbox');
  if (corners === undefined) return `('${name}') has ${otherShape(node)}no <bndbox>`;
  const values: number[] = [];
  for (const corner of ['xmin', 'ymin', 'xmax', 'ymax']) {
    const written = text(child(corners, corner));
    const value = written ? Number(written) : NaN;
    if (!Number.isFinite(value)) return `('${name}') has <${corner}> '${written ?? ''}'`;
    values.push(value);
  }
  const [xmin, ymin, xmax, ymax] = values as [number, number, number, number];
  return {
    name,
    box: toContinuous(xmin, ymin, xmax, ymax),
    written: `[${xmin}, ${ymin}, ${xmax}, ${ymax}]`,
    difficult: Number(text(child(node, 'difficult')) ?? 0) > 0,
  };
}

function otherShape(node: XmlNode): string {
  if (child(node, 'polygon') !== undefined) return 'a <polygon> and ';
  return child(node, 'robndbox') === undefined ? '' : 'a rotated <robndbox> and ';
}

/**
 * VOC's corners count pixels from 1 and belong to the box. Where both corners are one pixel, the annotator clicked and
 * didn't drag: the box is left empty, so that it is found out.
 */
function toContinuous(xmin: number, ymin: number, xmax: number, ymax: number): AnnotatedObject['box'] {
  if (xmax <= xmin || ymax <= ymin) return [xmin - 1, ymin - 1, xmin - 1, ymin - 1];
  return [xmin - 1, ymin - 1, xmax, ymax];
}

/** Child `name` by its own key: a tag may be called 'constructor'. */
function child(node: XmlNode, name: string): XmlNode {
  if (typeof node !== 'object' || Array.isArray(node) || !Object.hasOwn(node, name)) return undefined;
  return node[name];
}

function text(node: XmlNode): string | undefined {
  return typeof node === 'string' ? node.trim() : undefined;
}

function malformed(file: string, fault: string): SampleError {
  return new SampleError(file, {
    what: `the annotation ${fault}, sample skipped`,
    cure: 'repair the file, or delete it with its picture',
  });
}

function badObject(file: string, { number, fault }: { number: number; fault: string }): SampleError {
  const shape = /<polygon>|<robndbox>/.test(fault);
  return new SampleError(file, {
    what: `object ${number} ${fault}, object skipped`,
    cure: shape ? 'export upright boxes (Pascal VOC), or draw one' : 'correct or delete that object',
    kind: 'object',
  });
}
