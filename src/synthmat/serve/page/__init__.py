"""The page for the browser, written by hand: HTML, CSS and JavaScript without a build step."""
