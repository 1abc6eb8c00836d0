#!/usr/bin/python3
"""Cameras as a REST service: start, stop and watch them, and get what is found in them on a WebSocket.

    MODEL=yolox_nano.onnx LABELS=models/coco.names examples/fastapi/service.py

http://127.0.0.1:8000/docs (PORT) tries the calls, http://127.0.0.1:8080/ (PAGES) shows all cameras. Needs Debian's
python3-{fastapi,uvicorn,websockets,gi}, gir1.2-gst-plugins-base-1.0, and python3-flasgger to draw /docs with.
"""
import asyncio
import contextlib
import itertools
import os

import gi
import uvicorn
from fastapi import FastAPI, HTTPException, WebSocket
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field
from starlette.middleware.trustedhost import TrustedHostMiddleware

gi.require_version("GstVideo", "1.0")
from gi.repository import GLib, Gst, GstVideo  # noqa: E402

PIPELINE = """
onvifsrc name=camera ! decodebin ! queue max-size-buffers=2 leaky=downstream
  ! yolodetect name=detect mode=live ! detectionoverlay ! videoconvert
  ! vp8enc deadline=1 cpu-used=8 lag-in-frames=0 end-usage=cbr target-bitrate=1500000 keyframe-max-dist=300
  ! whepsink name=page"""
MOST_CAMERAS = 16


class Order(BaseModel):
    name: str = Field(regex="^[a-z0-9-]{1,32}$", example="yard")
    location: str = Field(regex="^(onvif|https?)://", max_length=500, example="onvif://192.168.1.20")
    user_id: str = Field("", max_length=100)
    user_pw: str = Field("", max_length=100)  # goes to the camera and nowhere else


class Camera(BaseModel):
    name: str
    state: str = Field("starting", description="starting, live, offline or failed")
    problem: str = ""
    page: str = ""
    frames: int = 0


class Running:
    """A camera's pipeline, followed by one task; each listener has a queue of the latest frames."""

    def __init__(self, order):
        self.told, self.listeners = Camera(name=order.name), set()
        self.loop, self.pipeline = asyncio.get_running_loop(), Gst.parse_launch(PIPELINE)
        for element, values in {
            "camera": {"location": order.location, "user-id": order.user_id, "user-pw": order.user_pw},
            "detect": {"model": os.environ.get("MODEL", ""), "labels": os.environ.get("LABELS", "")},
            "page": {"port": int(os.environ.get("PAGES", 8080)), "path": order.name},
        }.items():
            for name, value in values.items():
                self.pipeline.get_by_name(element).set_property(name, value)
        self.pipeline.get_by_name("detect").get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, self.on_frame)
        self.pipeline.set_state(Gst.State.PLAYING)
        self.task = asyncio.create_task(self.follow())

    def on_frame(self, _pad, info):
        """In the streaming thread: tells the loop, and waits for nobody."""
        buffer = info.get_buffer()
        regions = (GstVideo.buffer_get_video_region_of_interest_meta_id(buffer, n) for n in itertools.count(1))
        found = [{"label": GLib.quark_to_string(r.roi_type), "x": r.x, "y": r.y, "width": r.w, "height": r.h,
                  "confidence": round(r.get_param("detection").get_double("confidence").value, 3)}
                 for r in itertools.takewhile(lambda region: region is not None, regions)]
        self.loop.call_soon_threadsafe(self.tell, {"time": buffer.pts / Gst.SECOND, "objects": found})
        return Gst.PadProbeReturn.OK

    def tell(self, frame):
        if frame is not None:
            self.told.state, self.told.problem, self.told.frames = "live", "", self.told.frames + 1
        for queue in self.listeners:
            if queue.full():
                queue.get_nowait()  # a slow listener misses the oldest
            queue.put_nowait(frame)

    async def follow(self):
        bus, wanted = self.pipeline.get_bus(), Gst.MessageType.ERROR | Gst.MessageType.ELEMENT
        while True:
            while message := bus.pop_filtered(wanted):
                said = message.get_structure()
                if message.type == Gst.MessageType.ERROR:
                    self.told.state, self.told.problem = "failed", message.parse_error()[0].message
                elif said.get_name() == "onvif-offline":
                    self.told.state, self.told.problem = "offline", said.get_string("reason")
                elif said.get_name() == "whepsink-ready":
                    self.told.page = said.get_string("url")
            await asyncio.sleep(0.1)

    async def stop(self):
        self.task.cancel()
        await asyncio.to_thread(self.pipeline.set_state, Gst.State.NULL)
        self.tell(None)  # the listeners' last


cameras: dict[str, Running] = {}
app = FastAPI(title="Cameras", docs_url=None, redoc_url=None)
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])  # no other site's name
app.mount("/ui", StaticFiles(directory="/usr/lib/python3/dist-packages/flasgger/ui3/static", check_dir=False))

@app.post("/cameras", status_code=201, response_model=Camera)
async def start(order: Order):
    if order.name in cameras or len(cameras) >= MOST_CAMERAS:
        raise HTTPException(409, f"{order.name} is running already, or {MOST_CAMERAS} others are.")
    cameras[order.name] = Running(order)
    return cameras[order.name].told

@app.get("/cameras", response_model=list[Camera])
async def look():
    return [camera.told for camera in cameras.values()]

@app.delete("/cameras/{name}", status_code=204)
async def stop(name: str):
    if name not in cameras:
        raise HTTPException(404, f"There is no camera {name}.")
    await cameras.pop(name).stop()

@app.on_event("shutdown")
async def stop_all():
    await asyncio.gather(*map(stop, list(cameras)))

@app.websocket("/cameras/{name}/detections")
async def detections(socket: WebSocket, name: str):
    own = f"http://{socket.headers['host']}"
    if name not in cameras or socket.headers.get("origin", own) != own:  # no other site's page
        return await socket.close()
    await socket.accept()
    queue, listeners = asyncio.Queue(10), cameras[name].listeners
    listeners.add(queue)
    with contextlib.suppress(Exception):  # however a listener leaves, the others stay
        while frame := await queue.get():
            await socket.send_json(frame)
        await socket.close()
    listeners.discard(queue)

@app.get("/docs", include_in_schema=False)
async def docs():
    return get_swagger_ui_html(openapi_url="/openapi.json", title="Cameras", swagger_js_url="/ui/swagger-ui-bundle.js",
                               swagger_css_url="/ui/swagger-ui.css", swagger_favicon_url="/ui/favicon-32x32.png")

if __name__ == "__main__":
    Gst.init(None)
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", 8000)))
