// Selections that tell something, a click each.
import { about } from "./decode.js";
import { plainCell, plainSelection } from "./selection.js";

/** The selection of a story. */
export function selectionOf(story) {
  const selection = plainSelection();
  selection.a = plainCell(story.a);
  selection.b = story.b ? plainCell(story.b) : null;
  return selection;
}

/** Fill the buttons; `choose` gets the story. */
export function buildStories(place, text, choose) {
  for (const story of about.stories) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = story.title;
    button.dataset.story = story.name;
    button.setAttribute("aria-pressed", "false");
    button.onclick = () => choose(story);
    place.append(button);
  }
  return chosen => {
    for (const button of place.children) button.setAttribute("aria-pressed", String(button.dataset.story === chosen?.name));
    text.replaceChildren(...(chosen ? chosen.text : []).map(sentence => {
      const paragraph = document.createElement("p");
      paragraph.textContent = sentence;
      return paragraph;
    }));
  };
}
