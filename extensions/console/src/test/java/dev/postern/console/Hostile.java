package dev.postern.console;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Mail that wants to do something where it is looked at. */
final class Hostile {

    /** One pixel. */
    static final byte[] PNG = Base64.getDecoder()
            .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private Hostile() {}

    /** HTML that asks a server for something, opens dialogues and changes the title, by each way that we know. */
    static String html(String server) {
        return """
                <!doctype html><html><head><title>hacked</title><base href="SERVER/base/">
                <meta http-equiv="refresh" content="0;url=SERVER/refresh"><link rel="stylesheet" href="SERVER/link.css">
                <link rel="prefetch" href="SERVER/prefetch"><link rel="preload" as="image" href="SERVER/preload">
                <style>@import url("SERVER/import.css"); body{background:url(SERVER/style.png)}
                @font-face{font-family:f;src:url(SERVER/font)} p{font-family:f;width:expression(alert(1))}</style>
                <script>document.title='hacked';top.document.title='hacked';alert(1);fetch('SERVER/script')</script>
                <script src="SERVER/script.js"></script></head>
                <body onload="alert(1)" background="SERVER/body.png" style="background:url(SERVER/attribute.png)">
                <p id="p" style="background-image:url('SERVER/p.png');color:red;position:fixed;width:10px">visible words</p>
                <img src="SERVER/img.png" alt="a picture" onerror="alert(1)"><img srcset="SERVER/srcset.png 1x">
                <img src=x onerror=alert(1)><picture><source srcset="SERVER/source.png"><img></picture>
                <svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script>
                <image href="SERVER/svg.png"/><use href="SERVER/use.svg#a"/><foreignObject><iframe src="SERVER/fo"></iframe>
                </foreignObject><a href="javascript:alert(1)"><text>x</text></a><style>@import url(SERVER/svg.css)</style></svg>
                <math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>
                <noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>
                <form action="SERVER/form"><input autofocus onfocus="onfocus=null;alert(1)"><button>send</button></form>
                <iframe src="SERVER/iframe"></iframe><iframe srcdoc="<script>alert(1)</script>"></iframe>
                <object data="SERVER/object"></object><embed src="SERVER/embed"><video poster="SERVER/poster"
                src="SERVER/video" autoplay></video><audio src="SERVER/audio" autoplay></audio>
                <a id="link" href="SERVER/a" ping="SERVER/ping" target="_top">a link</a><a href="javascript:alert(1)">j</a>
                <table background="SERVER/table.png"><tr><td background="SERVER/td.png">cell</td></tr></table>
                <template><img src=x onerror=alert(1)></template><details open ontoggle="alert(1)">d</details>
                <marquee onstart="alert(1)">m</marquee><isindex action="SERVER/isindex"><!--[if IE]><img src="SERVER/ie"><![endif]-->
                </body></html>
                """.replace("SERVER", server);
    }

    /** What stands below Subject:, with markup where there should be none, and a charset that there is not. */
    static String mail(String server) {
        String html = Base64.getMimeEncoder().encodeToString(html(server).getBytes(StandardCharsets.UTF_8));
        String svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"><script>alert(1)</script></svg>";
        return "X-Markup: <script>alert(1)</script>\r\nX-Direction: \u202egnp.exe\r\n"
                + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                + "--b\r\nContent-Type: text/plain; charset=no-such-charset\r\n\r\n"
                + "<img src=x onerror=alert(1)><script>alert(1)</script>\r\n"
                + "--b\r\nContent-Type: text/html; charset=\"utf-8\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + html
                + "\r\n--b\r\nContent-Type: image/svg+xml\r\nContent-Disposition: attachment;"
                + " filename=\"<img src=x onerror=alert(1)>.svg\"\r\n\r\n" + svg
                + "\r\n--b--\r\n";
    }

    /** A message of that many attachments, each with a long name. */
    static String attachments(int number) {
        StringBuilder mail = new StringBuilder("From: ann@example.org\r\nSubject: many\r\nMIME-Version: 1.0\r\n"
                + "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
        for (int i = 0; i < number; i++) {
            mail.append("--b\r\nContent-Disposition: attachment; filename=\"../<b>")
                    .append("x".repeat(100))
                    .append(i)
                    .append("\"\r\n\r\nx\r\n");
        }
        return mail.append("--b--\r\n").toString();
    }
}
