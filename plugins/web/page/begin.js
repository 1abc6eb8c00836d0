// Loads the page's program. Where a part of it is lost on the way, because the server has too much to do
// or goes away right then, the page is loaded again: it may hang on a wall, with nobody there to do it.
const AGAIN = 3000; // ms

import('./app.js').catch((error) => {
  console.error(error);
  if (!(error instanceof SyntaxError) && !window.stages) setTimeout(() => location.reload(), AGAIN);
});
