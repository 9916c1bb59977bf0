// resources/openapi.yaml as something to check answers against.
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const file = new URL('../../../resources/openapi.yaml', import.meta.url);
const methods = ['get', 'post', 'put', 'patch', 'delete'];

export class Contract {
  constructor(text = readFileSync(file, 'utf8')) {
    this.document = parse(text);
    this.ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
    this.ajv.addSchema(this.document, 'contract');
    this.provoked = new Set();
  }

  // ["GET /api/v1/streams", …]
  operations() {
    return Object.entries(this.document.paths).flatMap(([path, item]) =>
      methods.filter((method) => item[method]).map((method) => `${method.toUpperCase()} ${path}`));
  }

  // ["GET /api/v1/streams 200", …] without the defaults.
  answers() {
    return this.operations().flatMap((name) =>
      Object.keys(this.operation(name).responses).filter((status) => status !== 'default').map((status) => `${name} ${status}`));
  }

  operation(name) {
    const [method, path] = name.split(' ');
    return this.document.paths[path]?.[method.toLowerCase()];
  }

  // Follows "#/components/…" of what is not a schema.
  resolve(node) {
    return node?.$ref ? node.$ref.slice(2).split('/').reduce((at, key) => at[key], this.document) : node;
  }

  // Sentences about what is wrong with a value; empty if nothing is.
  faults(schema, value) {
    const rebased = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"contract#/'));
    if (this.ajv.validate(rebased, value)) return [];
    return this.ajv.errors.map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
  }

  bodyFaults(name, mediaType, value) {
    const content = this.operation(name).requestBody?.content?.[mediaType];
    return content ? this.faults(content.schema, value) : [`${name} takes no ${mediaType}`];
  }

  // What is wrong with an answer, and notes that it was seen.
  answerFaults(name, { status, headers, text }) {
    const operation = this.operation(name);
    const response = this.resolve(operation.responses[status] ?? operation.responses.default);
    if (operation.responses[status]) this.provoked.add(`${name} ${status}`);
    if (!operation.responses[status] && status < 400) return [`${name} does not document ${status}`];
    const faults = Object.entries(response.headers ?? {})
      .filter(([header, about]) => about.required && !(header.toLowerCase() in headers)).map(([header]) => `no ${header}`);
    if (!response.content) return text === '' ? faults : [...faults, 'a body where none is documented'];
    const mediaType = (headers['content-type'] ?? '').split(';')[0];
    const content = response.content[mediaType];
    if (!content) return [...faults, `${name} ${status} is documented as ${Object.keys(response.content)}, not ${mediaType}`];
    return [...faults, ...this.faults(content.schema, mediaType.endsWith('json') ? JSON.parse(text) : text)];
  }

  // [where, schema, value] of every example in the document.
  examples() {
    const found = [];
    const visit = (node, where) => {
      if (node === null || typeof node !== 'object') return;
      if (node.schema && node.examples) {
        for (const [key, example] of Object.entries(node.examples)) found.push([`${where}/${key}`, node.schema, example.value]);
      }
      for (const [key, child] of Object.entries(node)) visit(child, `${where}/${key}`);
    };
    visit(this.document, '');
    return found;
  }
}
