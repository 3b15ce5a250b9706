"""What commands' options are called: in each language in its own letters, as Discord wants them (small, no spaces).

Commands themselves are called the same in every language, so that one member can tell another what to type.
"""

from __future__ import annotations

_OTHERS = ("de", "es", "fr", "ja", "zh")
_NAMES = {
    "account": ("konto", "cuenta", "compte", "アカウント", "账号"),
    "allow": ("ausnahmen", "excepciones", "exceptions", "例外", "例外"),
    "allowed": ("erlaubt", "permitido", "permis", "許可", "允许"),
    "aspect": ("seitenverhältnis", "proporción", "proportions", "縦横比", "宽高比"),
    "channel": ("kanal", "canal", "salon", "チャンネル", "频道"),
    "code": ("code", "código", "code", "コード", "代码"),
    "cooldown": ("pause", "espera", "délai", "間隔", "冷却"),
    "dialect": ("dialekt", "dialecto", "dialecte", "形式", "格式"),
    "discord": ("discord", "discord", "discord", "discord", "discord"),
    "face": ("gesicht", "cara", "visage", "顔", "脸"),
    "file": ("datei", "archivo", "fichier", "ファイル", "文件"),
    "give": ("geben", "dar", "donner", "付与", "给予"),
    "how": ("wie", "cómo", "comment", "方法", "方式"),
    "id": ("auftrag", "trabajo", "tâche", "ジョブ", "任务"),
    "image": ("bild", "imagen", "image", "画像", "图片"),
    "image1": ("bild1", "imagen1", "image1", "画像1", "图片1"),
    "image2": ("bild2", "imagen2", "image2", "画像2", "图片2"),
    "image3": ("bild3", "imagen3", "image3", "画像3", "图片3"),
    "image4": ("bild4", "imagen4", "image4", "画像4", "图片4"),
    "image5": ("bild5", "imagen5", "image5", "画像5", "图片5"),
    "kind": ("art", "tipo", "genre", "種類", "类型"),
    "lift": ("aufheben", "retirar", "lever", "取消", "撤销"),
    "makes": ("macht", "crea", "crée", "作成", "制作"),
    "member": ("mitglied", "miembro", "membre", "メンバー", "成员"),
    "mine": ("meine", "míos", "miens", "自分", "我的"),
    "minutes": ("minuten", "minutos", "minutes", "分", "分钟"),
    "moderates": ("moderiert", "modera", "modère", "管理", "管理"),
    "name": ("name", "nombre", "nom", "名前", "名称"),
    "off": ("aus", "apagar", "arrêter", "停止", "关闭"),
    "private": ("privat", "privado", "privé", "非公開", "私密"),
    "progress": ("fortschritt", "progreso", "progression", "進捗", "进度"),
    "prompt": ("prompt", "prompt", "prompt", "プロンプト", "提示词"),
    "queued": ("wartend", "en_cola", "en_attente", "待機数", "排队数"),
    "quota": ("kontingent", "cuota", "quota", "上限", "配额"),
    "reason": ("grund", "motivo", "raison", "理由", "原因"),
    "replace": ("ersetzen", "reemplazar", "remplacer", "置き換え", "替换"),
    "role": ("rolle", "rol", "rôle", "ロール", "身份组"),
    "rule": ("regel", "regla", "règle", "規則", "规则"),
    "search": ("suche", "búsqueda", "recherche", "検索", "搜索"),
    "secret": ("geheimnis", "secreto", "secret", "秘密鍵", "密钥"),
    "server": ("server", "servidor", "serveur", "サーバー", "服务器"),
    "severity": ("schwere", "gravedad", "gravité", "重大度", "严重度"),
    "shape": ("form", "forma", "forme", "形", "形状"),
    "shared": ("geteilt", "compartido", "partagé", "共有", "共享"),
    "speed": ("tempo", "velocidad", "vitesse", "速度", "速度"),
    "speeds": ("tempos", "velocidades", "vitesses", "速度", "速度"),
    "spoiler": ("spoiler", "spoiler", "spoiler", "ネタバレ", "剧透"),
    "style": ("stil", "estilo", "style", "スタイル", "风格"),
    "stylize": ("stylize", "stylize", "stylize", "スタイライズ", "风格化"),
    "text": ("text", "texto", "texte", "テキスト", "文本"),
    "url": ("adresse", "dirección", "adresse", "アドレス", "网址"),
    "version": ("version", "versión", "version", "バージョン", "版本"),
    "what": ("was", "qué", "quoi", "対象", "内容"),
    "which": ("welche", "cuál", "lequel", "選択", "选项"),
    "who": ("wer", "quién", "qui", "誰", "谁"),
    "words": ("worte", "palabras", "mots", "言葉", "词语"),
}
"""In German, Spanish, French, Japanese, Chinese."""

TEXTS: dict[str, dict[str, str]] = {
    "en": {f"option.{name}": name for name in _NAMES},
    **{
        language: {f"option.{name}": others[place] for name, others in _NAMES.items()}
        for place, language in enumerate(_OTHERS)
    },
}
