// Drawing over a photo: press and draw covers a rectangle of fields; arrows move, Shift and arrows cover on the way.
(() => {
  "use strict";

  const board = document.querySelector("[data-mark]");
  if (!board) return;
  const columns = Number(board.dataset.mark);
  const cells = [...board.querySelectorAll("input")];
  const rows = Math.round(cells.length / columns);
  const count = document.querySelector("[data-mark-count]");
  const reset = document.querySelector("[data-mark-reset]");

  function tell() {
    const n = cells.filter((cell) => cell.checked).length;
    const said = n === 0 ? count.dataset.none : n === 1 ? count.dataset.one : count.dataset.many.replace("{n}", n);
    if (count.textContent !== said) count.textContent = said;
  }

  // One field takes part in the order of the Tab key: the one that was reached last.
  function reach(index, focus) {
    for (const cell of cells) cell.tabIndex = -1;
    cells[index].tabIndex = 0;
    if (focus) cells[index].focus();
  }

  function at(event) {
    const box = board.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    return [Math.max(0, Math.min(columns - 1, column)), Math.max(0, Math.min(rows - 1, row))];
  }

  let drawing = null;
  function draw(event) {
    const [column, row] = at(event);
    const [left, right] = [Math.min(drawing.column, column), Math.max(drawing.column, column)];
    const [top, bottom] = [Math.min(drawing.row, row), Math.max(drawing.row, row)];
    cells.forEach((cell, index) => {
      const [x, y] = [index % columns, Math.floor(index / columns)];
      const inside = x >= left && x <= right && y >= top && y <= bottom;
      cell.checked = inside ? drawing.cover : drawing.before[index];
    });
    tell();
  }

  board.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const [column, row] = at(event);
    const before = cells.map((cell) => cell.checked);
    drawing = { column, row, before, cover: !before[row * columns + column] };
    board.setPointerCapture(event.pointerId);
    reach(row * columns + column, true);
    draw(event);
  });
  board.addEventListener("pointermove", (event) => drawing && draw(event));
  board.addEventListener("pointerup", () => (drawing = null));
  board.addEventListener("pointercancel", () => {
    if (drawing) cells.forEach((cell, index) => (cell.checked = drawing.before[index]));
    drawing = null;
    tell();
  });
  // The press was answered above; the browser's own click would turn the first field round again.
  board.addEventListener("click", (event) => event.detail > 0 && event.preventDefault());

  board.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const from = cells.indexOf(event.target);
    if (!step || from < 0) return;
    event.preventDefault();
    const x = Math.max(0, Math.min(columns - 1, (from % columns) + step[0]));
    const y = Math.max(0, Math.min(rows - 1, Math.floor(from / columns) + step[1]));
    if (event.shiftKey) {
      cells[from].checked = true;
      cells[y * columns + x].checked = true;
      tell();
    }
    reach(y * columns + x, true);
  });
  board.addEventListener("change", tell);

  board.classList.add("drawing");
  document.querySelector("[data-mark-help]").hidden = false;
  reset.hidden = false;
  board.closest("form").addEventListener("reset", () => setTimeout(tell, 0));
  reach(0, false);
  tell();
})();
