// The one place where the editor library is used. An editor lives on its <div>; its text goes to .NET after a rest in typing
// and when the focus leaves, in parts that fit a message of the web socket.
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { python } from '@codemirror/lang-python';
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const editors = new WeakMap();
const rest = 250;
// A message holds 32 KB, and a character takes up to 6 bytes in it.
const partLength = 4000;

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.comment], color: 'var(--ink-faint)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.definition(tags.className)], color: 'var(--code-name)' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

const look = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--paper)', fontSize: '0.8125rem' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', minHeight: '14rem', maxHeight: 'min(34rem, 52vh)', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--ink-soft)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 5%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--accent) 10%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 25%, transparent)' },
  '.cm-tooltip': { color: 'var(--ink)', backgroundColor: 'var(--paper)', border: '1px solid var(--line)' },
});

export function create(root, component, text, label, description) {
  const editor = { timer: 0, sent: text };
  const send = () => {
    clearTimeout(editor.timer);
    const content = editor.view.state.doc.toString();
    if (content === editor.sent) return;
    editor.sent = content;
    const count = Math.max(1, Math.ceil(content.length / partLength));
    // Not awaited: the parts arrive in order, and before the click that took the focus away.
    for (let part = 0; part < count; part++) {
      component.invokeMethodAsync('OnPart', part, count, content.slice(part * partLength, (part + 1) * partLength));
    }
  };
  editor.view = new EditorView({
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), highlightActiveLineGutter(), lintGutter(), history(), drawSelection(), indentUnit.of('    '), indentOnInput(),
        bracketMatching(), closeBrackets(), highlightActiveLine(), python(), syntaxHighlighting(colours), look,
        // Tab indents; after Escape the next Tab moves the focus on, which the view itself sees to.
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': label, 'aria-description': description }),
        EditorView.updateListener.of(update => {
          if (!update.docChanged) return;
          clearTimeout(editor.timer);
          editor.timer = setTimeout(send, rest);
        }),
        EditorView.domEventHandlers({ blur: send }),
      ],
    }),
  });
  editors.set(root, editor);
}

export function setText(root, text) {
  const editor = editors.get(root);
  if (!editor || editor.view.state.doc.toString() === text) return;
  editor.sent = text;
  editor.view.dispatch({ changes: { from: 0, to: editor.view.state.doc.length, insert: text } });
}

// Lines and columns count from 1; a problem without a line stands at the first one.
export function mark(root, problems) {
  const editor = editors.get(root);
  if (!editor) return;
  const { doc } = editor.view.state;
  editor.view.dispatch(setDiagnostics(editor.view.state, problems.map(({ line, column, message }) => {
    const at = doc.line(Math.min(Math.max(line ?? 1, 1), doc.lines));
    const from = Math.min(at.from + Math.max((column ?? 1) - 1, 0), at.to);
    return { from: column ? from : at.from, to: at.to, severity: 'error', message };
  })));
  if (problems.length > 0) {
    const line = doc.line(Math.min(Math.max(problems[0].line ?? 1, 1), doc.lines));
    editor.view.dispatch({ effects: EditorView.scrollIntoView(line.from, { y: 'center' }) });
  }
}

export function destroy(root) {
  const editor = editors.get(root);
  if (!editor) return;
  clearTimeout(editor.timer);
  editor.view.destroy();
  editors.delete(root);
}
