'use strict';
(() => {
  const table = document.getElementById('table');
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const find = document.getElementById('find');
  const state = document.getElementById('state');
  const shown = document.getElementById('shown');
  const text = (row, column) => row.cells[column].textContent;

  // The filter.
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const row of rows) {
      const all = (row.textContent + ' ' + row.cells[1].title).toLowerCase();
      const fits = words.every(word => all.includes(word)) &&
        (!state.value || (row.dataset.of || '') + text(row, 0) === state.value);
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = count + ' of ' + rows.length;
  };
  const form = document.querySelector('.filter');
  form.hidden = false;
  form.addEventListener('submit', event => event.preventDefault());
  find.addEventListener('input', filter);
  state.addEventListener('change', filter);
  filter();
  for (const link of document.querySelectorAll('[data-outcome]')) {
    link.addEventListener('click', () => {
      find.value = '';
      state.value = link.dataset.outcome;
      filter();
    });
  }
  // What a link leads to is shown, whatever the filter says.
  const reveal = () => {
    const row = /^#m\d+$/.test(location.hash) &&
      document.getElementById(location.hash.slice(1));
    if (row && row.hidden) {
      find.value = state.value = '';
      filter();
      row.scrollIntoView();
    }
  };
  addEventListener('hashchange', reveal);
  // Followed again, a link changes no hash.
  for (const link of document.querySelectorAll('a')) {
    link.addEventListener('click', () => {
      if (link.getAttribute('href') === location.hash) reveal();
    });
  }

  // The order: numbers as numbers, what has none at the end.
  const collator = new Intl.Collator('en', {numeric: true});
  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      for (const other of table.tHead.rows[0].cells) {
        other.removeAttribute('aria-sort');
      }
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const key = row => {
        const cell = row.cells[column];
        return 'n' in cell.dataset ? Number(cell.dataset.n) : cell.textContent;
      };
      rows.sort((one, other) => {
        const a = key(one), b = key(other);
        if ((a === '') !== (b === '')) return a === '' ? 1 : -1;
        const order = typeof a === 'number' && typeof b === 'number'
          ? a - b : collator.compare(a, b);
        return down ? -order : order;
      });
      body.append(...rows);
    });
  });

  // The timeline: a panel on hover and focus, and arrow keys within a row.
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.setAttribute('role', 'tooltip');
  tip.hidden = true;
  document.body.append(tip);
  const show = link => {
    const row = document.getElementById(link.getAttribute('href').slice(1));
    const name = document.createElement('b');
    name.textContent = text(row, 1);
    const [, note, place] = text(row, 10)
      .match(/^(.*?)(?:(?:^| \()waited last for (.+?)\)?)?$/);
    const lines = [
      text(row, 0) + ', ' + text(row, 2),
      text(row, 4) + (text(row, 5) && ' \u2192 ' + text(row, 5)),
      [text(row, 6), text(row, 7)].filter(Boolean).join(' to ') +
        (text(row, 8) && ', took ' + text(row, 8)),
      text(row, 9) && 'waited ' + text(row, 9) + (place ? ', last for ' + place : ''),
      note,
    ].filter(Boolean);
    tip.replaceChildren(name, ...lines.flatMap(line => [
      line, document.createElement('br')]));
    tip.hidden = false;
    const bar = link.querySelector('rect').getBoundingClientRect();
    const left = Math.min(bar.left, innerWidth - tip.offsetWidth - 24);
    const above = bar.bottom + tip.offsetHeight + 12 > innerHeight;
    tip.style.left = scrollX + Math.max(left, 8) + 'px';
    tip.style.top = scrollY + (above
      ? bar.top - tip.offsetHeight - 8 : bar.bottom + 8) + 'px';
  };
  const hide = () => { tip.hidden = true; };
  for (const row of document.querySelectorAll('.view .row')) {
    const links = Array.from(row.querySelectorAll('a'));
    links.forEach((link, index) => {
      const title = link.querySelector('title');
      link.setAttribute('aria-label', title.textContent);
      title.remove();
      if (index) link.setAttribute('tabindex', '-1');
      link.addEventListener('mouseenter', () => show(link));
      link.addEventListener('mouseleave', hide);
      link.addEventListener('focus', () => show(link));
      link.addEventListener('blur', hide);
      link.addEventListener('keydown', event => {
        const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
        const next = step && links[index + step];
        if (next) {
          event.preventDefault();
          next.focus();
        }
      });
    });
  }
  addEventListener('keydown', event => {
    if (event.key === 'Escape') hide();
  });

  // The lists for owners can be copied.
  for (const project of document.querySelectorAll('.project')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    const list = project.querySelector('pre');
    button.addEventListener('click', async () => {
      getSelection().selectAllChildren(list);
      try {
        await navigator.clipboard.writeText(list.textContent);
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'Selected: copy it with the keyboard';
      }
    });
    list.before(button);
  }
})();
