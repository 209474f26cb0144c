// The widgets of ipywidgets 7 and jquery-ui look for jQuery as a global, so it has to be there before they load.
import jQuery from "jquery";

window.$ = window.jQuery = jQuery;
