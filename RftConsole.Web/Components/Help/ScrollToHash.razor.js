// After the heading has had the focus, which would scroll back to the top.
export function scroll() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id) requestAnimationFrame(() => document.getElementById(id)?.scrollIntoView());
}
