/* Browsers start no worker from a page that is opened from disk. There, this class takes the place of Worker: the
   worker's script runs in a hidden frame, and messages go back and forth as events. */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.address = new URL(url, location.href).href;
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.waiting = [];
      this.onmessage = null;
      const begin = () => {
        document.body.appendChild(this.frame);
        this.start();
      };
      if (document.body) begin();
      else document.addEventListener("DOMContentLoaded", begin);
    }

    start() {
      const inner = this.frame.contentWindow;
      const load = (address) => new Promise((resolve, reject) => {
        const script = inner.document.createElement("script");
        script.src = new URL(address, this.address).href;
        script.onload = resolve;
        script.onerror = () => reject(new Error("cannot load " + script.src));
        inner.document.body.appendChild(script);
      });
      inner.importScripts = async (...addresses) => { for (const address of addresses) await load(address); };
      inner.postMessage = (data) => {
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        if (this.onmessage) this.onmessage(event);
      };
      load(this.address).then(() => {
        this.ready = true;
        for (const data of this.waiting) this.deliver(data);
      });
    }

    deliver(data) {
      const inner = this.frame.contentWindow;
      inner.dispatchEvent(new inner.MessageEvent("message", { data }));
    }

    postMessage(data) {
      if (this.ready) this.deliver(data);
      else this.waiting.push(data);
    }

    terminate() {
      this.frame.remove();
    }
  };
}
