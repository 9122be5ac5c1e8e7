// How this reader likes to read: size of the text, letters further apart, more contrast, less motion. device.css does
// what these attributes of the document say.
{
  const settle = () => {
    const chosen = device.get("comfort") || {};
    const { dataset } = document.documentElement;
    for (const name of ["size", "letters", "contrast", "still"]) {
      if (chosen[name]) dataset[name] = +chosen[name];
      else delete dataset[name];
    }
    return chosen;
  };
  const chosen = settle();
  const comfort = one("#comfort");
  if (comfort && storage) {
    const { size, letters, contrast, still } = one("form", comfort).elements;
    size.value = chosen.size || 0;
    letters.checked = chosen.letters;
    contrast.checked = chosen.contrast;
    still.checked = chosen.still;
    comfort.onchange = () => {
      device.set("comfort", { size: +size.value, letters: letters.checked, contrast: contrast.checked, still: still.checked });
      settle();
    };
    comfort.hidden = false;
  }

  // A menu that is open closes like every menu: with Escape, or with a touch beside it.
  const menus = [...document.querySelectorAll("details.tool")];
  addEventListener("click", ({ target }) => menus.forEach((menu) => menu.contains(target) || (menu.open = false)));
  addEventListener("keydown", ({ key }) => {
    const menu = key === "Escape" && menus.find(({ open }) => open);
    if (menu) {
      menu.open = false;
      one("summary", menu).focus();
    }
  });
}
