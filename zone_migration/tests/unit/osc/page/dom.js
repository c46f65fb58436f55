// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
// http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or
// implied.
// See the License for the specific language governing permissions and
// limitations under the License.


// As much of a browser as the script of the page asks for.

class Node {
  remove() {
    if (this.parent) {
      this.parent.children = this.parent.children.filter(one => one !== this);
    }
  }
}

class Text extends Node {
  constructor(text) {
    super();
    this.textContent = text;
  }
}

class Element extends Node {
  constructor(tag, attributes, children) {
    super();
    this.tag = tag;
    this.attributes = attributes;
    this.children = [];
    this.style = {};
    this.listeners = {};
    this.hidden = 'hidden' in attributes;
    this.chosen = '';
    this.append(...children);
  }

  get childNodes() { return this.children.slice(); }
  get title() { return this.attributes.title || ''; }
  get className() { return this.attributes.class || ''; }
  set className(name) { this.attributes.class = name; }

  get dataset() {
    return Object.fromEntries(
      Object.entries(this.attributes)
        .filter(([name]) => name.startsWith('data-'))
        .map(([name, value]) => [name.slice('data-'.length), value]));
  }

  get textContent() {
    return this.children.map(child => child.textContent).join('');
  }
  set textContent(text) { this.replaceChildren(text); }

  // A select has no value that is none of its options.
  get value() { return this.chosen; }
  set value(text) {
    const options = this.querySelectorAll('option');
    const known = options.some(one => one.textContent.trim() === text);
    this.chosen = options.length && !known ? '' : text;
  }

  get tHead() { return this.querySelector('thead'); }
  get tBodies() { return this.querySelectorAll('tbody'); }
  get rows() { return this.querySelectorAll('tr'); }
  get cells() {
    return this.children.filter(one => one.tag === 'td' || one.tag === 'th');
  }

  getAttribute(name) {
    return name in this.attributes ? this.attributes[name] : null;
  }
  setAttribute(name, value) { this.attributes[name] = value; }
  removeAttribute(name) { delete this.attributes[name]; }

  append(...nodes) {
    for (const one of nodes) {
      const node = one instanceof Node ? one : new Text(one);
      node.remove();
      node.parent = this;
      this.children.push(node);
    }
  }
  replaceChildren(...nodes) {
    this.children = [];
    this.append(...nodes);
  }
  before(node) {
    node.parent = this.parent;
    const siblings = this.parent.children;
    siblings.splice(siblings.indexOf(this), 0, node);
  }

  // A tag, a class or an attribute, and such below others.
  matches(selector) {
    if (selector.startsWith('.')) {
      return this.className.split(' ').includes(selector.slice(1));
    }
    if (selector.startsWith('[')) return selector.slice(1, -1) in this.attributes;
    return this.tag === selector;
  }
  querySelectorAll(selector) {
    const [first, ...rest] = selector.split(' ');
    const found = [];
    for (const child of this.children) {
      if (!(child instanceof Element)) continue;
      if (!child.matches(first)) found.push(...child.querySelectorAll(selector));
      else if (rest.length) found.push(...child.querySelectorAll(rest.join(' ')));
      else found.push(child, ...child.querySelectorAll(selector));
    }
    return found;
  }
  querySelector(selector) { return this.querySelectorAll(selector)[0] || null; }

  addEventListener(type, listener) {
    (this.listeners[type] = this.listeners[type] || []).push(listener);
  }
  dispatch(type, event = {}) {
    for (const listener of this.listeners[type] || []) listener(event);
  }

  focus() { this.dispatch('focus'); }
  scrollIntoView() { this.isInView = true; }
  getBoundingClientRect() { return {left: 0, top: 0, bottom: 0}; }
}

const build = node => typeof node === 'string'
  ? new Text(node)
  : new Element(node[0], node[1], node[2].map(build));

const root = build(PAGE);
const page = new Element('window', {}, []);
const copied = [];

globalThis.document = {
  body: root.querySelector('body'),
  createElement: tag => new Element(tag, {}, []),
  getElementById: id =>
    root.querySelectorAll('[id]').find(one => one.attributes.id === id) || null,
  querySelector: selector => root.querySelector(selector),
  querySelectorAll: selector => root.querySelectorAll(selector),
};
globalThis.addEventListener = page.addEventListener.bind(page);
globalThis.location = {hash: ''};
globalThis.innerWidth = globalThis.innerHeight = 800;
globalThis.scrollX = globalThis.scrollY = 0;
globalThis.getSelection = () => ({selectAllChildren: () => {}});
globalThis.navigator = {clipboard: {writeText: async text => copied.push(text)}};
globalThis.Intl = {
  Collator: class { compare(a, b) { return a < b ? -1 : Number(a > b); } },
};
