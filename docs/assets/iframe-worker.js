// Browsers start no worker from a page that is read from disk. There, search runs in a hidden frame.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      this.waiting = []
      this.ready = false
      const begin = () => {
        document.body.append(frame)
        const inside = frame.contentWindow
        inside.IFrameWorker = window.Worker
        inside.importScripts = (...scripts) => Promise.all(scripts.map(one => load(frame, one)))
        inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
        this.inside = inside
        load(frame, address).then(() => {
          this.ready = true
          this.waiting.forEach(data => this.hand(data))
        })
      }
      document.body ? begin() : addEventListener("DOMContentLoaded", begin)
    }

    hand(data) {
      this.inside.dispatchEvent(new MessageEvent("message", { data }))
    }

    postMessage(data) {
      this.ready ? this.hand(data) : this.waiting.push(data)
    }

    terminate() {
      this.inside?.frameElement.remove()
    }
  }
}

function load(frame, address) {
  return new Promise((done, failed) => {
    const script = frame.contentDocument.createElement("script")
    script.src = address
    script.onload = done
    script.onerror = failed
    frame.contentDocument.head.append(script)
  })
}
