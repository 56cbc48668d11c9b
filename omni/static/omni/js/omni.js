// What every page needs. Each module minds one thing and finds its elements by data attributes.
import "./menus.js";
import "./dialogs.js";
import "./drawer.js";
import "./lists.js";
import "./keys.js";
import "./toasts.js";
import "./bell.js";
import "./scan.js";
import "./asof.js";
